/** The disk queue on a disk that fails, is full, or is taken away. */

import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WINDOW_EVENTS } from '../../../../src/queue/disk/options.js';
import { REWRITE_MS } from '../../../../src/queue/disk/writer.js';
import { diskBench, freshDir, freshQueue, until } from '../../../support/disk-queues.js';
import { coded } from '../../../support/queue-bench.js';
import { Recorder, sampleEvent, sampleEvents } from '../../../support/queue-events.js';

vi.mock('node:fs', { spy: true });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a directory that is removed while the queue is open', () => {
  it('ends the acceptance, is told once, and what is in memory is handled', async () => {
    const { dir, queue, consumer, gates } = await diskBench();
    await Promise.all(sampleEvents(WINDOW_EVENTS + 101).map((event) => queue.enqueue(event)));
    await until(() => expect(gates.waiting).toEqual(['0']));
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    await expect(queue.enqueue(sampleEvent('a'))).rejects.toEqual(coded('queue_failed'));
    await expect(queue.enqueue(sampleEvent('b'))).rejects.toThrow('was removed');
    expect(queue.stats()).toMatchObject({ queued: WINDOW_EVENTS, active: 1, lost: 100 });
    for (let done = 0; done <= WINDOW_EVENTS; done += 1) {
      await until(() => expect(gates.waiting).toHaveLength(1));
      await gates.open(String(done));
    }
    expect(await queue.close()).toMatchObject({ timedOut: false });
    expect(consumer.problems.map(({ error }) => error.message)).toEqual([
      'queue_failed: the directory of the disk queue was removed, and 100 accepted events with it',
    ]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is noticed when it was moved, too, and a new one is not taken for it', async () => {
    const { dir, queue } = await diskBench();
    await queue.enqueue(sampleEvent('a'));
    renameSync(dir, `${dir}-moved`);
    cpSync(`${dir}-moved`, dir, { recursive: true });
    rmSync(`${dir}-moved`, { recursive: true });
    await expect(queue.enqueue(sampleEvent('b'))).rejects.toMatchObject({
      code: 'queue_failed',
      cause: { cause: { message: expect.stringContaining(dir) } },
    });
  });
});

describe('a disk that takes nothing', () => {
  it('is told once, and not with every event that is done', async () => {
    const { queue, consumer } = await diskBench({}, () => undefined);
    vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementation(() => {
      throw new Error('read-only');
    });
    for (const { id } of sampleEvents(20)) {
      await expect(queue.enqueue(sampleEvent(id))).rejects.toEqual(coded('queue_failed'));
    }
    vi.restoreAllMocks();
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(consumer.completed).toEqual(['a']));
    vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementation(() => {
      throw new Error('read-only');
    });
    await queue.close({ timeoutMs: 2 * REWRITE_MS });
    expect(consumer.problems.length).toBeLessThanOrEqual(1);
  });

  it('and then works again misses nothing at the next opening, dead letters from before included', async () => {
    const { dir, queue } = await diskBench({}, () => Promise.reject(new Error('bad')));
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(queue.stats().dead).toBe(1));
    // Reading waits until the news that it is dead is written.
    expect(await queue.dead()).toHaveLength(1);
    vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementationOnce(() => {
      throw new Error('read-only');
    });
    await expect(queue.enqueue(sampleEvent('b'))).rejects.toEqual(coded('queue_failed'));
    await queue.enqueue(sampleEvent('c'));
    await queue.close();
    const again = await diskBench({ dir });
    expect(again.consumer.problems).toEqual([]);
    expect(again.queue.stats()).toMatchObject({ lost: 0 });
    expect(await again.queue.dead()).toHaveLength(2);
  });

  it('because its volume is full refuses events and works off what is there, until there is room', async () => {
    const { queue, gates } = await diskBench();
    await queue.enqueue(sampleEvent('a'));
    const room = { ...statfsSync('.'), bavail: 1 };
    vi.mocked(statfsSync).mockReturnValue(room);
    await queue.enqueue(sampleEvent('b'));
    await expect(queue.enqueue(sampleEvent('c'))).rejects.toEqual(coded('queue_full'));
    const compact = vi.spyOn(ClassicLevel.prototype, 'compactRange');
    for (const id of ['a', 'b']) {
      await until(() => expect(gates.waiting).toEqual([id]));
      expect(compact).not.toHaveBeenCalled();
      await gates.open(id);
    }
    // LevelDB does not do it by itself.
    await until(() => expect(compact).toHaveBeenCalled());
    vi.mocked(statfsSync).mockRestore();
    await expect(queue.enqueue(sampleEvent('d'))).resolves.toBeUndefined();
  });
});

describe('damage', () => {
  it('that is found at the opening is told when there is somebody to tell, and counted', async () => {
    const dir = freshDir();
    const before = await diskBench({ dir });
    for (const event of sampleEvents(3)) await before.queue.enqueue(event);
    await before.queue.close({ timeoutMs: 0 });
    for (const file of readdirSync(dir).filter((name) => name !== 'WITNESS')) rmSync(join(dir, file));
    const queue = freshQueue(dir);
    await queue.open();
    const consumer = new Recorder();
    queue.start(consumer);
    expect(queue.stats()).toMatchObject({ queued: 0, lost: 3 });
    expect(consumer.problems).toMatchObject([
      {
        kind: 'store',
        error: {
          code: 'queue_damaged',
          message: 'queue_damaged: 3 accepted events of the disk queue are missing',
          cause: { message: expect.stringContaining(join(dir, 'remains-')) },
        },
      },
    ]);
    await queue.close();
    const again = await diskBench({ dir });
    expect(again.consumer.problems).toEqual([]);
  });

  it('with which the directory cannot be opened names it, and leaves it as it was', async () => {
    const dir = freshDir();
    const before = await diskBench({ dir });
    await before.queue.enqueue(sampleEvent('a'));
    await before.queue.close({ timeoutMs: 0 });
    rmSync(join(dir, 'CURRENT'));
    const files = readdirSync(dir);
    const opening = freshQueue(dir).open();
    await expect(opening).rejects.toMatchObject({ code: 'queue_damaged', status: 503 });
    await expect(opening).rejects.toMatchObject({ cause: { message: expect.stringContaining(dir) } });
    expect(readdirSync(dir).filter((name) => !/^LO/.test(name))).toEqual(
      files.filter((name) => !/^LO/.test(name)),
    );
  });
});
