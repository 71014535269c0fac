/** The queue itself, on a store with three verbs in memory. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { listQueue } from '../../../../src/queue/list/list.js';
import type { ListQueueOptions } from '../../../../src/queue/list/options.js';
import type { EventQueue } from '../../../../src/queue/queue.js';
import { gate, MemoryListStore } from '../../../support/list-store.js';
import { Gates, type Handle, idsOf, Recorder, sampleEvent } from '../../../support/queue-events.js';

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

  it('accepts nothing once it is closed', async () => {
    const { store, queue } = make();
    await queue.close();
    await expect(queue.enqueue(sampleEvent('a'))).rejects.toEqual(coded('closing'));
    expect(queue.stats()).toMatchObject({ accepted: 0, rejected: 1 });
    expect(store.list('im')).toEqual([]);
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
      await vi.advanceTimersByTimeAsync(0);
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

  it('ends a wait that does not end by itself, by closing its cache a little later', async () => {
    vi.useFakeTimers();
    try {
      const { store, consumer, queue } = make();
      const waiting = gate<string>();
      const close = vi.fn(() => waiting.reject(new Error('closed')));
      Object.assign(store, { blpop: () => waiting.promise, close });
      await queue.open();
      queue.start(consumer);
      const closing = queue.close({ timeoutMs: 100 });
      await vi.advanceTimersByTimeAsync(125);
      expect(await closing).toMatchObject({ timedOut: true });
      expect(close).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(600);
      expect(close).toHaveBeenCalledOnce();
      expect(consumer.problems).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([0, 100, 3_000, 20_000])(
    'closes within %i ms in all, whatever the store leaves unanswered',
    async (timeoutMs) => {
      vi.useFakeTimers();
      try {
        const gates = new Gates();
        const { store, consumer, queue } = make({ workers: 2 }, gates.handle);
        await queue.open();
        queue.start(consumer);
        await queue.enqueue(sampleEvent('a'));
        await vi.advanceTimersByTimeAsync(20);
        expect(gates.waiting).toEqual(['a']);
        const nothing = () => gate().promise;
        Object.assign(store, { blpop: nothing, rpush: nothing, llen: nothing, close: nothing });
        const late = expect(queue.enqueue(sampleEvent('b'), { timeoutMs: 1 })).rejects.toEqual(
          coded('queue_failed'),
        );
        await vi.advanceTimersByTimeAsync(20);
        await late;
        const closed = vi.fn();
        const closing = queue.close({ timeoutMs }).then(closed);
        await vi.advanceTimersByTimeAsync(Math.max(timeoutMs, 26));
        expect(closed).toHaveBeenCalledWith({ drained: 0, remaining: [], timedOut: true });
        await closing;
        expect(consumer.told).toEqual(['store undefined']);
        await vi.advanceTimersByTimeAsync(1_000);
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it('lets handlers run for all of its time but the last tenth', async () => {
    vi.useFakeTimers();
    try {
      const { consumer, queue } = make({ workers: 1 }, (_, { signal }) => {
        return new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
      });
      await queue.open();
      queue.start(consumer);
      await queue.enqueue(sampleEvent('a'));
      await vi.advanceTimersByTimeAsync(20);
      const closing = queue.close({ timeoutMs: 1_000 });
      await vi.advanceTimersByTimeAsync(899);
      expect(consumer.running).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(consumer.running).toBe(0);
      expect(await closing).toEqual({ drained: 0, remaining: [], timedOut: true });
    } finally {
      vi.useRealTimers();
    }
  });

  it('hands over, when it closes, what the store does not take back', async () => {
    const gates = new Gates();
    const { store, consumer, queue } = make({}, gates.handle);
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(gates.waiting).toEqual(['a']));
    store.fault = new Error('away');
    const { remaining, timedOut } = await queue.close({ timeoutMs: 10 });
    expect({ ids: idsOf(remaining), timedOut }).toEqual({ ids: ['a'], timedOut: true });
  });

  it('frees its cache only when pushes that are under way have ended', async () => {
    const { store, queue } = make();
    const pushing = gate();
    const close = vi.fn();
    Object.assign(store, { rpush: () => pushing.promise, close });
    await queue.open();
    const accepted = queue.enqueue(sampleEvent('a'));
    const closing = queue.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(close).not.toHaveBeenCalled();
    pushing.resolve();
    await Promise.all([accepted, closing]);
    expect(close).toHaveBeenCalledOnce();
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
      const { store, consumer, queue } = make({ blockMs: 1_000 });
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
      const begin = performance.now();
      expect(await queue.close({ timeoutMs: 20 })).toEqual({ drained: 0, remaining: [], timedOut: false });
      expect(performance.now() - begin).toBeLessThan(15_000);
      expect(close).toHaveBeenCalledOnce();
    }
  });
});
