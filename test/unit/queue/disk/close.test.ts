/** How the disk queue ends. */

import { ClassicLevel } from 'classic-level';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { STORE_CLOSE_MS } from '../../../../src/queue/disk/options.js';
import { put } from '../../../../src/queue/disk/rows.js';
import { DiskStore } from '../../../../src/queue/disk/store.js';
import { countOf, diskBench, freshDir, freshQueue, freshStore, until } from '../../../support/disk-queues.js';
import { coded } from '../../../support/queue-bench.js';
import { Gates, Recorder, sampleEvent, sampleEvents } from '../../../support/queue-events.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('close', () => {
  it('lets everything be done, what waits on disk included, and leaves nothing behind', async () => {
    const dir = freshDir();
    const store = await freshStore(dir);
    const rows = [...sampleEvents(5).map((event) => JSON.stringify(event)), 'garbage'];
    await store.write(
      rows.map((text, number) => put('event', number, text)),
      false,
    );
    await store.close();
    const { queue, consumer } = await diskBench({ dir }, () => undefined);
    expect(await queue.close()).toEqual({ drained: 5, remaining: [], timedOut: false });
    expect(consumer.completed).toHaveLength(5);
    const after = await freshStore(dir);
    expect([await countOf(after, 'event'), await countOf(after, 'invalid')]).toEqual([0, 1]);
  });

  it('waits for events that are being written when it is called', async () => {
    const { queue, consumer } = await diskBench({}, () => undefined);
    const accepted = queue.enqueue(sampleEvent('a'));
    expect(await queue.close()).toEqual({ drained: 1, remaining: [], timedOut: false });
    await expect(accepted).resolves.toBeUndefined();
    expect(consumer.completed).toEqual(['a']);
  });

  it('keeps what is accepted while nobody has started the queue', async () => {
    const dir = freshDir();
    const queue = freshQueue(dir);
    await queue.open();
    const accepted = queue.enqueue(sampleEvent('a'));
    expect(await queue.close()).toMatchObject({ timedOut: false });
    await accepted;
    expect(await countOf(await freshStore(dir), 'event')).toBe(1);
  });

  it('lets the directory go when it is called during the opening', async () => {
    const dir = freshDir();
    const queue = freshQueue(dir);
    const opening = queue.open();
    await queue.close();
    await opening;
    queue.start(new Recorder());
    await expect(freshQueue(dir).open()).resolves.toBeUndefined();
  });

  it('also ends when the opening failed', async () => {
    const { dir } = await diskBench();
    const queue = freshQueue(dir);
    const opening = queue.open();
    const closing = queue.close();
    await expect(opening).rejects.toEqual(coded('queue_failed'));
    expect(await closing).toEqual({ drained: 0, remaining: [], timedOut: false });
  });

  it('refuses everything afterwards', async () => {
    const { queue } = await diskBench();
    await queue.close();
    for (const call of [queue.open(), queue.enqueue(sampleEvent('a')), queue.dead(), queue.retryDead()]) {
      await expect(call).rejects.toEqual(coded('closing'));
    }
  });

  it('ends in time when the disk hangs, and says so', async () => {
    const { queue, consumer } = await diskBench({}, () => undefined);
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(consumer.completed).toEqual(['a']));
    vi.spyOn(ClassicLevel.prototype, 'close').mockImplementationOnce(() => new Promise(() => undefined));
    const begin = performance.now();
    const { timedOut } = await queue.close({ timeoutMs: 0 });
    expect(timedOut).toBe(true);
    expect(performance.now() - begin).toBeLessThan(STORE_CLOSE_MS + 15_000);
    expect(consumer.problems).toMatchObject([{ kind: 'store', error: { code: 'queue_failed' } }]);
  });
});

describe('a time that is over', () => {
  it('asks handlers to stop, ignores what comes of them, and leaves every event to the next process', async () => {
    const dir = freshDir();
    const signals: AbortSignal[] = [];
    const gates = new Gates();
    const backoff = { initialMs: 60_000, jitter: 'equal' } as const;
    const options = { dir, workers: 3, attempts: 2, backoff };
    const { queue, consumer } = await diskBench(options, (event, run) => {
      signals.push(run.signal);
      if (event.id === '2') throw new Error('no luck');
      return gates.handle(event, run);
    });
    for (const event of sampleEvents(5)) await queue.enqueue(event);
    await until(() => expect(gates.waiting).toHaveLength(3));
    const write = vi.spyOn(DiskStore.prototype, 'write');
    await queue.close({ timeoutMs: 0 });
    expect(signals.filter(({ aborted }) => aborted)).toHaveLength(3);
    await gates.open('0');
    await gates.fail('1');
    expect(consumer.told).toEqual(['retry 2']);
    expect(queue.stats()).toMatchObject({ completed: 0, failed: 1 });
    expect(write).not.toHaveBeenCalled();
    const texts = (await (await freshStore(dir)).read('event', { from: 0, end: 9, limit: 9 })).rows;
    expect(texts).toHaveLength(5);
  });
});
