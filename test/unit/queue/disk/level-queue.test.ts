/** The disk queue: from enqueue to the handler, on a real disk. */

import { ClassicLevel } from 'classic-level';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WINDOW_EVENTS } from '../../../../src/queue/disk/options.js';
import { put } from '../../../../src/queue/disk/rows.js';
import { DiskStore } from '../../../../src/queue/disk/store.js';
import { countOf, diskBench, freshDir, freshQueue, freshStore, until } from '../../../support/disk-queues.js';
import { coded } from '../../../support/queue-bench.js';
import { Gates, idsOf, Recorder, sampleEvent, sampleEvents } from '../../../support/queue-events.js';

const fails = () => {
  throw new Error('no luck');
};

/** Makes the next write fail that has a change. */
function failOnce(): void {
  vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('opening', () => {
  it('happens once', async () => {
    const queue = freshQueue(freshDir());
    expect(queue.open()).toBe(queue.open());
    await queue.open();
  });

  it('fails while another queue has the directory, and can be tried again', async () => {
    const { dir, queue: first } = await diskBench();
    const second = freshQueue(dir);
    await expect(second.open()).rejects.toEqual(coded('queue_failed'));
    await first.close();
    await expect(second.open()).resolves.toBeUndefined();
  });

  it('lets the directory go when it fails halfway', async () => {
    const dir = freshDir();
    const queue = freshQueue(dir);
    vi.spyOn(ClassicLevel.prototype, 'keys').mockImplementationOnce(() => {
      throw new Error('unreadable');
    });
    await expect(queue.open()).rejects.toEqual(coded('queue_failed'));
    await expect(freshQueue(dir).open()).resolves.toBeUndefined();
  });

  it('comes before everything else', async () => {
    const queue = freshQueue(freshDir());
    await expect(queue.enqueue(sampleEvent('a'))).rejects.toEqual(coded('queue_failed'));
    await expect(queue.invalid()).rejects.toEqual(coded('queue_failed'));
    expect(() => queue.start(new Recorder())).toThrow(expect.objectContaining({ code: 'option_invalid' }));
    await queue.open();
    await expect(queue.dead()).rejects.toEqual(coded('queue_failed'));
    queue.start(new Recorder());
    expect(() => queue.start(new Recorder())).toThrow('already serves a receiver');
  });
});

describe('accepting', () => {
  it('shares one write between all callers of a turn', async () => {
    const { queue } = await diskBench();
    const batch = vi.spyOn(ClassicLevel.prototype, 'batch');
    await Promise.all(sampleEvents(50).map((event) => queue.enqueue(event)));
    expect(batch).toHaveBeenCalledOnce();
  });

  it.each([
    [true, [true, false]],
    [false, [false, false]],
  ])(
    'with sync: %s waits for the disk for what is accepted, never for what is done',
    async (sync, expected) => {
      const { queue } = await diskBench({ sync }, () => undefined);
      const write = vi.spyOn(DiskStore.prototype, 'write');
      await queue.enqueue(sampleEvent('a'));
      await queue.close();
      expect(write.mock.calls.map(([, synced]) => synced)).toEqual(expected);
    },
  );

  it('refuses an event that cannot be written, and accepts the next one', async () => {
    const { queue, consumer } = await diskBench({}, () => undefined);
    failOnce();
    await expect(queue.enqueue(sampleEvent('a'))).rejects.toMatchObject({
      code: 'queue_failed',
      cause: { message: 'disk full' },
    });
    await queue.enqueue(sampleEvent('b'));
    await until(() => expect(consumer.completed).toEqual(['b']));
    expect(queue.stats()).toMatchObject({ accepted: 1, rejected: 1 });
  });

  it('does not run an event whose caller was refused while it was written', async () => {
    const { dir, queue, consumer } = await diskBench({}, () => undefined);
    const write = DiskStore.prototype.write;
    vi.spyOn(DiskStore.prototype, 'write').mockImplementationOnce(async function (this: DiskStore, ...group) {
      await write.apply(this, group);
      await refused;
    });
    const refused = expect(queue.enqueue(sampleEvent('a'), { timeoutMs: 20 })).rejects.toEqual(
      coded('queue_failed'),
    );
    await refused;
    await queue.enqueue(sampleEvent('b'));
    await queue.close();
    expect(consumer.begun).toEqual(['b']);
    const store = await freshStore(dir);
    expect(await countOf(store, 'event')).toBe(0);
  });

  it('refuses events while as many as its bound are not done', async () => {
    const { queue, gates } = await diskBench({ capacity: 1 });
    await queue.enqueue(sampleEvent('a'));
    await queue.enqueue(sampleEvent('b'));
    await expect(queue.enqueue(sampleEvent('c'))).rejects.toEqual(coded('queue_full'));
    await until(() => expect(gates.waiting).toEqual(['a']));
    await gates.open('a');
    await expect(queue.enqueue(sampleEvent('c'))).resolves.toBeUndefined();
  });

  it('refuses an event whose order cannot be told', async () => {
    const { queue } = await diskBench({ orderBy: fails });
    await expect(queue.enqueue(sampleEvent('a'))).rejects.toMatchObject({ code: 'queue_failed' });
    expect(queue.stats()).toMatchObject({ accepted: 0, rejected: 1, queued: 0 });
  });
});

describe('more events than fit in memory', () => {
  it('wait on disk and run in the order of acceptance', async () => {
    const gates = new Gates();
    const handle = vi.fn((event, attempt) => (event.id === '0' ? gates.handle(event, attempt) : undefined));
    const { queue, consumer } = await diskBench({}, handle);
    const decode = vi.spyOn(consumer, 'decode');
    const events = sampleEvents(WINDOW_EVENTS + 700);
    await Promise.all(events.map((event) => queue.enqueue(event)));
    expect(queue.stats()).toMatchObject({ queued: events.length - 1, active: 1 });
    expect(decode).not.toHaveBeenCalled();
    await until(() => expect(gates.waiting).toEqual(['0']));
    await gates.open('0');
    await until(() => expect(consumer.completed).toHaveLength(events.length));
    expect(consumer.begun).toEqual(idsOf(events));
    // Those that were on disk only.
    expect(decode).toHaveBeenCalledTimes(699);
    expect(queue.stats()).toMatchObject({ queued: 0, active: 0, completed: events.length });
  });

  it('are not all taken into memory at the next start, and come before new ones', async () => {
    const dir = freshDir();
    const store = await freshStore(dir);
    const events = sampleEvents(2 * WINDOW_EVENTS);
    await store.write(
      events.map((event, number) => put('event', number, JSON.stringify(event))),
      false,
    );
    await store.close();
    const gates = new Gates();
    const consumer = new Recorder((event, attempt) =>
      event.id === '0' ? gates.handle(event, attempt) : undefined,
    );
    const decode = vi.spyOn(consumer, 'decode');
    const queue = freshQueue(dir);
    await queue.open();
    expect(queue.stats()).toMatchObject({ queued: events.length, accepted: 0, oldestAgeMs: 0 });
    queue.start(consumer);
    await queue.enqueue(sampleEvent('new'));
    await until(() => expect(gates.waiting).toEqual(['0']));
    await until(() => expect(decode.mock.calls.length).toBeGreaterThan(WINDOW_EVENTS / 4));
    expect(decode.mock.calls.length).toBeLessThanOrEqual(WINDOW_EVENTS + 1);
    await gates.open('0');
    await until(() => expect(consumer.completed).toHaveLength(events.length + 1));
    expect(consumer.begun).toEqual([...idsOf(events), 'new']);
  });

  it('wait while the news of too many events that are done is not written', async () => {
    const dir = freshDir();
    const store = await freshStore(dir);
    const events = sampleEvents(4 * WINDOW_EVENTS);
    await store.write(
      events.map((event, number) => put('event', number, JSON.stringify(event))),
      false,
    );
    await store.close();
    const queue = freshQueue(dir);
    await queue.open();
    let written = (): void => undefined;
    vi.spyOn(DiskStore.prototype, 'write').mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          written = resolve;
        }),
    );
    const consumer = new Recorder();
    queue.start(consumer);
    // Nothing tells that nothing happens any more.
    let before = 0;
    const stands = () => {
      const [last, now] = [before, consumer.completed.length];
      before = now;
      expect(now > WINDOW_EVENTS && now === last).toBe(true);
    };
    await vi.waitFor(stands, { timeout: 10_000, interval: 50 });
    expect(consumer.completed.length).toBeLessThan(2 * WINDOW_EVENTS);
    written();
    await until(() => expect(consumer.completed).toEqual(idsOf(events)));
  });

  it('are read again after a read that failed', async () => {
    const dir = freshDir();
    const store = await freshStore(dir);
    await store.write([put('event', 0, JSON.stringify(sampleEvent('a')))], false);
    await store.close();
    const queue = freshQueue(dir);
    await queue.open();
    vi.spyOn(ClassicLevel.prototype, 'iterator').mockImplementationOnce(() => {
      throw new Error('unreadable');
    });
    const consumer = new Recorder();
    queue.start(consumer);
    await until(() => expect(consumer.completed).toEqual(['a']));
    expect(consumer.problems).toMatchObject([{ kind: 'store', error: { code: 'queue_failed' } }]);
  });
});

describe('what was not done', () => {
  it('keeps its order and its number of runs over a restart', async () => {
    const dir = freshDir();
    const slow = { initialMs: 60_000, jitter: 'equal' } as const;
    const first = await diskBench({ dir, attempts: 3, backoff: slow }, ({ id }) => {
      if (id === '0') fails();
      return new Promise(() => undefined);
    });
    for (const event of sampleEvents(3)) await first.queue.enqueue(event);
    await until(() => expect(first.consumer.begun).toEqual(['0', '1']));
    expect(first.queue.stats()).toMatchObject({ failed: 1, queued: 2, active: 1 });
    await first.queue.close({ timeoutMs: 1 });
    const runs: string[] = [];
    const second = await diskBench({ dir }, ({ id }, { attempt }) => void runs.push(`${id} ${attempt}`));
    await until(() => expect(second.consumer.completed).toHaveLength(3));
    expect(runs).toEqual(['0 2', '1 1', '2 1']);
  });

  it('is removed later when it was done and the disk did not take it', async () => {
    const { dir, queue, consumer, gates } = await diskBench();
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(gates.waiting).toEqual(['a']));
    failOnce();
    await gates.open('a');
    await until(() => expect(consumer.told).toEqual(['store undefined']));
    await queue.enqueue(sampleEvent('b'));
    await until(() => expect(gates.waiting).toEqual(['b']));
    await gates.open('b');
    await queue.close();
    expect(await countOf(await freshStore(dir), 'event')).toBe(0);
  });
});

describe('stats', () => {
  it('tell the age of the oldest event', async () => {
    const { queue, gates } = await diskBench({ now: () => 1_500 });
    await queue.enqueue(sampleEvent('a', {}, 1_000));
    expect(queue.stats()).toMatchObject({ oldestAgeMs: 500, workers: 1, assist: 0 });
    await until(() => expect(gates.waiting).toEqual(['a']));
    await gates.open('a');
    expect(queue.stats().oldestAgeMs).toBe(0);
  });
});
