import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveListOptions } from '../../../../src/queue/list/options.js';
import { MAX_DELAYED, PlainSource } from '../../../../src/queue/list/plain.js';
import { gate, MemoryListStore } from '../../../support/list-store.js';

const dead = () => {
  throw new Error('nobody dies here');
};

function plain() {
  const store = new MemoryListStore();
  const failed = vi.fn<(thrown: unknown) => void>();
  const source = new PlainSource(
    store,
    resolveListOptions(store, { key: 'im', blockMs: 10, random: () => 0.5 }),
  );
  source.start({ failed, dead });
  return { store, failed, source };
}

describe('PlainSource', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks the store for its length to see whether it is there', async () => {
    const { source, store } = plain();
    await source.probe();
    store.fault = new Error('away');
    await expect(source.probe()).rejects.toThrow('away');
  });

  it('takes one item, waits for one, and has none after blockMs', async () => {
    const { source, store } = plain();
    store.rpush('im', 'a', 'b');
    expect(await source.take(5, true)).toEqual(['a']);
    expect(await source.take(5, false)).toEqual(['b']);
    const waiting = source.take(5, true);
    await vi.advanceTimersByTimeAsync(20);
    expect(await waiting).toEqual([]);
  });

  it('does not wait when told so', async () => {
    const { source, store } = plain();
    expect(await source.take(5, false)).toEqual([]);
    expect(store.calls).toBe(1);
  });

  it('takes null for no item', async () => {
    const { source, store } = plain();
    Object.assign(store, { blpop: async () => null });
    expect(await source.take(1, true)).toEqual([]);
  });

  it('puts a retry back on the list when its time has come', async () => {
    const { source, store } = plain();
    store.rpush('im', 'a');
    await source.take(1, true);
    await source.retry('a', 'a2', 50);
    expect(source.delayed).toBe(1);
    await vi.advanceTimersByTimeAsync(49);
    expect(store.list('im')).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.list('im')).toEqual(['a2']);
    expect(source.delayed).toBe(0);
  });

  it('tries again, after a pause and with a report, to put a retry back while the store is away', async () => {
    const { source, store, failed } = plain();
    await source.retry('a', 'a2', 50);
    store.fault = new Error('away');
    await vi.advanceTimersByTimeAsync(50);
    expect(failed.mock.calls).toEqual([[store.fault]]);
    expect(source.delayed).toBe(1);
    // 75 ms, then 150 ms: the pauses of two failures.
    await vi.advanceTimersByTimeAsync(75);
    expect(failed).toHaveBeenCalledTimes(2);
    store.fault = undefined;
    await vi.advanceTimersByTimeAsync(149);
    expect(store.list('im')).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.list('im')).toEqual(['a2']);
  });

  it('lets a worker wait with its retry when too many wait already', async () => {
    const { source, store } = plain();
    for (let count = 0; count < MAX_DELAYED; count += 1) await source.retry('a', 'a2', 1_000);
    const free = vi.fn();
    void source.retry('b', 'b2', 10).then(free);
    await vi.advanceTimersByTimeAsync(9);
    expect(free).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(free).toHaveBeenCalledOnce();
    expect(store.list('im')).toEqual(['b2']);
  });

  it('keeps the dead and what is no event under keys of their own', async () => {
    const { source, store } = plain();
    await source.putAside('dead', 'a', 'a2');
    await source.putAside('invalid', 'x', 'x');
    expect(store.list('im:dead')).toEqual(['a2']);
    expect(store.list('im:invalid')).toEqual(['x']);
  });

  it('gives back, in the end, what is not settled and what waits, each once', async () => {
    const { source, store } = plain();
    store.rpush('im', 'done', 'running', 'retried', 'aside');
    for (let count = 0; count < 4; count += 1) await source.take(1, true);
    await source.done('done');
    await source.retry('retried', 'retried2', 1_000);
    await source.putAside('dead', 'aside', 'aside');
    await source.leave();
    expect(store.list('im')).toEqual(['running', 'retried2']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(store.list('im')).toEqual(['running', 'retried2']);
  });

  it('pushes nothing in the end where there is nothing', async () => {
    const { source, store } = plain();
    await source.leave();
    expect(store.calls).toBe(0);
  });

  it('waits in the end for a retry that is being put back, and gives it back once', async () => {
    const { source, store } = plain();
    const pushing = gate();
    const rpush = vi.spyOn(store, 'rpush').mockImplementationOnce((() => pushing.promise) as never);
    await source.retry('a', 'a2', 5);
    await vi.advanceTimersByTimeAsync(5);
    const left = source.leave();
    pushing.reject(new Error('away'));
    await left;
    expect(rpush).toHaveBeenCalledTimes(2);
    expect(store.list('im')).toEqual(['a2']);
  });

  it('puts back an item that comes after the end', async () => {
    const { source, store } = plain();
    const late = gate<string>();
    Object.assign(store, { blpop: () => late.promise });
    const taking = source.take(1, true);
    await source.leave();
    late.resolve('a');
    expect(await taking).toEqual([]);
    expect(store.list('im')).toEqual(['a']);
  });
});
