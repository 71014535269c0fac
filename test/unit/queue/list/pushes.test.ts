import { describe, expect, it, vi } from 'vitest';
import type { ListCache } from '../../../../src/queue/list/cache.js';
import { Pushes } from '../../../../src/queue/list/pushes.js';
import { gate, MemoryListStore } from '../../../support/list-store.js';

const coded = (code: string) => expect.objectContaining({ name: 'CallbackError', code });

function pushesTo(cache: ListCache, options: { capacity?: number; maxPending?: number } = {}): Pushes {
  return new Pushes(cache, { key: 'im', capacity: Number.MAX_SAFE_INTEGER, maxPending: 10, ...options });
}

/** A store whose pushes wait for the test. */
function slowStore() {
  const store = new MemoryListStore();
  const pushed = gate();
  const rpush = vi.fn(async (key: string, ...values: string[]) => {
    await pushed.promise;
    return store.rpush(key, ...values);
  });
  const cache: ListCache = { rpush, llen: (key) => store.llen(key), blpop: async () => undefined };
  return { store, pushed, cache, rpush };
}

describe('Pushes', () => {
  it('resolves with what the store says', async () => {
    const store = new MemoryListStore();
    expect(await pushesTo(store).push('a', { timeoutMs: 1_000 })).toBe(1);
    expect(await pushesTo(store).push('b', {})).toBe(2);
    expect(store.list('im')).toEqual(['a', 'b']);
  });

  it('rejects with queue_failed and the cause when the store fails, also when it throws at once', async () => {
    const store = new MemoryListStore();
    store.fault = new Error('away');
    await expect(pushesTo(store).push('a', {})).rejects.toEqual(coded('queue_failed'));
    await expect(pushesTo(store).push('a', {})).rejects.toHaveProperty('cause', store.fault);
  });

  it('rejects when the time is over, and says that the event may still be stored', async () => {
    const { cache, pushed, store } = slowStore();
    const error = await pushesTo(cache)
      .push('a', { timeoutMs: 5 })
      .catch((thrown: unknown) => thrown);
    expect(error).toEqual(coded('queue_failed'));
    expect(error).toHaveProperty('message', expect.stringContaining('may still be stored'));
    pushed.resolve();
    await vi.waitFor(() => expect(store.list('im')).toEqual(['a']));
  });

  it('swallows a push that fails when nobody waits any more', async () => {
    const { cache, pushed } = slowStore();
    await expect(pushesTo(cache).push('a', { timeoutMs: 5 })).rejects.toEqual(coded('queue_failed'));
    pushed.reject(new Error('late'));
    await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it.each([0, -1, Number.NaN])('does not even begin with %d ms', async (timeoutMs) => {
    const { cache, rpush } = slowStore();
    await expect(pushesTo(cache).push('a', { timeoutMs })).rejects.toEqual(coded('queue_failed'));
    expect(rpush).not.toHaveBeenCalled();
  });

  it('refuses with queue_full when the list has its capacity', async () => {
    const store = new MemoryListStore();
    const pushes = pushesTo(store, { capacity: 1 });
    await pushes.push('a', {});
    await expect(pushes.push('b', {})).rejects.toEqual(coded('queue_full'));
    store.list('im').shift();
    await pushes.push('c', {});
    expect(store.list('im')).toEqual(['c']);
  });

  it('pushes nothing for a caller who went while the length was asked for', async () => {
    const { cache, rpush } = slowStore();
    const length = gate<number>();
    const pushing = pushesTo({ ...cache, llen: () => length.promise }, { capacity: 5 }).push('a', {
      timeoutMs: 5,
    });
    await expect(pushing).rejects.toEqual(coded('queue_failed'));
    length.resolve(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(rpush).not.toHaveBeenCalled();
  });

  it('refuses with queue_full while too many pushes are under way, late ones included', async () => {
    const { cache, pushed } = slowStore();
    const pushes = pushesTo(cache, { maxPending: 2 });
    await expect(pushes.push('a', { timeoutMs: 5 })).rejects.toEqual(coded('queue_failed'));
    const second = pushes.push('b', {});
    await expect(pushes.push('c', {})).rejects.toEqual(coded('queue_full'));
    pushed.resolve();
    await second;
    await pushes.push('d', {});
  });

  it('knows when none is under way, late ones included', async () => {
    const { cache, pushed } = slowStore();
    const pushes = pushesTo(cache);
    await pushes.idle();
    await expect(pushes.push('a', { timeoutMs: 5 })).rejects.toEqual(coded('queue_failed'));
    const second = pushes.push('b', {});
    const idle = vi.fn();
    const settled = pushes.idle().then(idle);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(idle).not.toHaveBeenCalled();
    pushed.resolve();
    await Promise.all([second, settled]);
  });
});
