/** The queue itself, on a store with three verbs in memory. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { listQueue } from '../../../../src/queue/list/list.js';
import type { ListQueueOptions } from '../../../../src/queue/list/options.js';
import type { EventQueue } from '../../../../src/queue/queue.js';
import { gate, MemoryListStore } from '../../../support/list-store.js';
import { Gates, type Handle, Recorder, sampleEvent } from '../../../support/queue-events.js';

const coded = (code: string) => expect.objectContaining({ name: 'CallbackError', code });
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 1 });

describe('listQueue', () => {
  const queues: EventQueue[] = [];

  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close({ timeoutMs: 0 });
  });

  function make(options: Partial<ListQueueOptions> = {}, handle?: Handle) {
    const store = new MemoryListStore();
    const consumer = new Recorder(handle);
    const queue = listQueue(store, { key: 'im', blockMs: 5, random: () => 0, ...options });
    queues.push(queue);
    return { store, consumer, queue };
  }

  it('works with a store of one’s own that has the three verbs', async () => {
    const { store, consumer, queue } = make();
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(consumer.completed).toEqual(['a']));
    expect(store.list('im')).toEqual([]);
  });

  it('does not open while the store is away, and says why', async () => {
    const { store, queue } = make();
    store.fault = new Error('away');
    await expect(queue.open()).rejects.toEqual(coded('queue_failed'));
    await expect(queue.open()).rejects.toHaveProperty('cause', store.fault);
    store.fault = undefined;
    await queue.open();
  });

  it('does not open once it is closed', async () => {
    const { queue } = make();
    await queue.close();
    await expect(queue.open()).rejects.toEqual(coded('closing'));
  });

  it('gives up opening after 5 s', async () => {
    vi.useFakeTimers();
    try {
      const { store, queue } = make();
      Object.assign(store, { llen: () => new Promise(() => undefined) });
      const opening = expect(queue.open()).rejects.toEqual(coded('queue_failed'));
      await vi.advanceTimersByTimeAsync(5_000);
      await opening;
      const closing = queue.close();
      await vi.advanceTimersByTimeAsync(500);
      await closing;
    } finally {
      vi.useRealTimers();
    }
  });

  it('serves one receiver', async () => {
    const { consumer, queue } = make();
    await queue.open();
    queue.start(consumer);
    expect(() => queue.start(consumer)).toThrow(expect.objectContaining({ code: 'option_invalid' }));
  });

  it('takes nothing when it was closed before it was started', async () => {
    const { store, consumer, queue } = make();
    await queue.open();
    await queue.enqueue(sampleEvent('a'));
    await queue.close();
    queue.start(consumer);
    const { calls } = store;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(store.calls).toBe(calls);
  });

  it('leaves what others push while it closes, beyond what was there', async () => {
    const { store, consumer, queue } = make({ workers: 1 }, ({ id }) => {
      store.rpush('im', JSON.stringify(sampleEvent(`after ${id}`)));
    });
    await queue.open();
    queue.start(consumer);
    store.rpush('im', JSON.stringify(sampleEvent('a')), JSON.stringify(sampleEvent('b')));
    const { timedOut } = await queue.close({ timeoutMs: 2_000 });
    expect(timedOut).toBe(false);
    expect(store.list('im').length).toBeGreaterThan(0);
  });

  it('drains although the store fails for a while', async () => {
    const gates = new Gates();
    const { store, consumer, queue } = make({ workers: 1 }, gates.handle);
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await queue.enqueue(sampleEvent('b'));
    await until(() => expect(gates.waiting).toEqual(['a']));
    store.fault = new Error('away');
    const closing = queue.close({ timeoutMs: 5_000 });
    await gates.open('a');
    await until(() => expect(consumer.problems.map(({ kind }) => kind)).toEqual(['store']));
    store.fault = undefined;
    await until(() => expect(gates.waiting).toEqual(['b']));
    await gates.open('b');
    expect(await closing).toEqual({ drained: 2, remaining: [], timedOut: false });
  });

  it('has drained when another process took the rest', async () => {
    const { store, consumer, queue } = make();
    await queue.open();
    queue.start(consumer);
    vi.spyOn(store, 'llen').mockReturnValueOnce(3);
    expect(await queue.close()).toEqual({ drained: 0, remaining: [], timedOut: false });
  });

  it('ends a wait that does not end by itself, by closing its cache', async () => {
    const { store, consumer, queue } = make();
    const waiting = gate<string>();
    const close = vi.fn(() => waiting.reject(new Error('closed')));
    Object.assign(store, { blpop: () => waiting.promise, close });
    await queue.open();
    queue.start(consumer);
    expect(await queue.close({ timeoutMs: 10 })).toMatchObject({ timedOut: true });
    expect(close).toHaveBeenCalledOnce();
    expect(consumer.problems).toEqual([]);
  });

  it('reports that a retry could not be put back, and puts it back later', async () => {
    const { store, consumer, queue } = make({ attempts: 2, backoff: { initialMs: 20 } }, (_, { attempt }) => {
      if (attempt === 1) throw new Error('broken');
    });
    await queue.open();
    await queue.enqueue(sampleEvent('a'));
    vi.spyOn(store, 'rpush').mockImplementationOnce(() => {
      throw new Error('away');
    });
    queue.start(consumer);
    await until(() => expect(consumer.completed).toEqual(['a']));
    expect(consumer.told).toEqual(['retry a', 'store undefined']);
  });

  it('settles what a handler has done as soon as the store is back, and reports the outage once', async () => {
    const gates = new Gates();
    const { store, consumer, queue } = make({ workers: 1 }, gates.handle);
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(gates.waiting).toEqual(['a']));
    store.fault = new Error('away');
    await gates.fail('a');
    await until(() => expect(consumer.told).toEqual(['dead a', 'store undefined']));
    // Two more attempts fail: after pauses of 50 and 100 ms.
    const { calls } = store;
    await until(() => expect(store.calls).toBeGreaterThanOrEqual(calls + 2));
    expect(consumer.told).toEqual(['dead a', 'store undefined']);
    store.fault = undefined;
    await until(() => expect(store.list('im:dead')).toHaveLength(1));
    await until(() => expect(queue.stats().active).toBe(0));
  });

  it('gives up settling when it is closed, and gives the item back', async () => {
    const gates = new Gates();
    const { store, consumer, queue } = make({ workers: 1 }, gates.handle);
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(gates.waiting).toEqual(['a']));
    const rpush = store.rpush.bind(store);
    vi.spyOn(store, 'rpush').mockImplementation((key, ...values) => {
      if (key === 'im:dead') throw new Error('no');
      return rpush(key, ...values);
    });
    await gates.fail('a');
    await until(() => expect(consumer.told).toEqual(['dead a', 'store undefined']));
    expect(await queue.close({ timeoutMs: 10 })).toMatchObject({ timedOut: true });
    expect(store.list('im')).toHaveLength(1);
  });

  it('does not stop to take because reports throw or a pause is under way when it is closed', async () => {
    const { store, consumer, queue } = make();
    consumer.report = () => {
      throw new Error('broken');
    };
    await queue.open();
    store.fault = new Error('away');
    queue.start(consumer);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const begin = performance.now();
    await queue.close({ timeoutMs: 0 });
    expect(performance.now() - begin).toBeLessThan(500);
  });

  it('ignores how a handler ends that was told to stop', async () => {
    const gates = new Gates();
    const { store, consumer, queue } = make({ workers: 2 }, gates.handle);
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await queue.enqueue(sampleEvent('b'));
    await until(() => expect(gates.waiting).toEqual(['a', 'b']));
    await queue.close({ timeoutMs: 0 });
    await gates.open('a');
    await gates.fail('b');
    expect(queue.stats()).toMatchObject({ completed: 0, failed: 0, dead: 0, queued: 2 });
    expect(consumer.problems).toEqual([]);
    expect(store.list('im')).toHaveLength(2);
  });

  it('knows how long the list is, also when others push and take', async () => {
    const gates = new Gates();
    const { store, consumer, queue } = make({ workers: 1 }, gates.handle);
    await queue.open();
    await queue.enqueue(sampleEvent('a'));
    expect(queue.stats().queued).toBe(1);
    queue.start(consumer);
    await until(() => expect(gates.waiting).toEqual(['a']));
    expect(queue.stats()).toMatchObject({ queued: 0, active: 1 });
    store.rpush('im', JSON.stringify(sampleEvent('b')), JSON.stringify(sampleEvent('c')));
    await until(() => expect(queue.stats().queued).toBe(2));
    await until(() => expect(queue.stats().queued).toBe(2));
  });

  it('does not know the length where the store does not say it', async () => {
    const { store, queue } = make();
    Object.assign(store, { rpush: async () => undefined });
    await queue.open();
    await queue.enqueue(sampleEvent('a'));
    expect(queue.stats()).toMatchObject({ queued: 0, accepted: 1 });
  });

  it('tells how old the oldest event is that it handles', async () => {
    const gates = new Gates();
    const { consumer, queue } = make({ now: () => Date.now() + 5_000 }, gates.handle);
    await queue.open();
    queue.start(consumer);
    expect(queue.stats().oldestAgeMs).toBe(0);
    await queue.enqueue(sampleEvent('a'));
    await queue.enqueue(sampleEvent('b'));
    await until(() => expect(gates.waiting).toEqual(['a', 'b']));
    expect(queue.stats().oldestAgeMs).toBeGreaterThanOrEqual(5_000);
  });

  it('stops asking for the length of the list when it is closed meanwhile', async () => {
    vi.useFakeTimers();
    try {
      const { store, consumer, queue } = make({ blockMs: 100_000 });
      // A wait without a timer, so that only those of the queue are left in the end.
      Object.assign(store, { blpop: () => gate().promise });
      await queue.open();
      queue.start(consumer);
      const llen = vi.spyOn(store, 'llen');
      await vi.advanceTimersByTimeAsync(1_000);
      expect(llen).toHaveBeenCalledTimes(1);
      llen.mockImplementationOnce((() => gate().promise) as never);
      await vi.advanceTimersByTimeAsync(1_000);
      const closing = queue.close({ timeoutMs: 0 });
      await vi.advanceTimersByTimeAsync(3_000);
      await closing;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('frees what belongs to its cache, also when that fails or hangs', async () => {
    for (const close of [
      vi.fn(),
      vi.fn(() => Promise.reject(new Error('no'))),
      vi.fn(() => gate().promise),
    ]) {
      const { store, queue } = make();
      Object.assign(store, { close });
      await queue.open();
      expect(await queue.close()).toEqual({ drained: 0, remaining: [], timedOut: false });
      expect(close).toHaveBeenCalledOnce();
    }
  });
});
