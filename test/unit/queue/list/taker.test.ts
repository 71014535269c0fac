/** What becomes of the items that a process takes, on a store in memory. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ListQueueOptions, resolveListOptions } from '../../../../src/queue/list/options.js';
import { ListTaker, MAX_DELAYED } from '../../../../src/queue/list/taker.js';
import { gate, MemoryListStore } from '../../../support/list-store.js';
import { Gates, type Handle, idsOf, Recorder, sampleEvent } from '../../../support/queue-events.js';

/** A taker whose pauses are as short as they can be: 50, 100, 200 ms … */
function make(options: Partial<ListQueueOptions> = {}, handle?: Handle) {
  const store = new MemoryListStore();
  const consumer = new Recorder(handle);
  const taker = new ListTaker(
    store,
    resolveListOptions(store, { key: 'im', blockMs: 10, random: () => 0, ...options }),
  );
  const push = (...ids: string[]) => store.rpush('im', ...ids.map((id) => JSON.stringify(sampleEvent(id))));
  return { store, consumer, taker, push };
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

const broken: Handle = () => {
  throw new Error('broken');
};

/** The ids on a list and how often each has failed. */
function idsOn(store: MemoryListStore, key: string): string[] {
  return store.list(key).map((text) => {
    const { Id, Runs = 0 } = JSON.parse(text) as { Id: string; Runs?: number };
    return `${Id} ${Runs}`;
  });
}

describe('ListTaker', () => {
  const takers: ListTaker[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(async () => {
    for (const taker of takers.splice(0)) {
      taker.quit();
      const left = taker.leave(0);
      await pass(3_000);
      await left;
    }
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function started(options: Partial<ListQueueOptions> = {}, handle?: Handle) {
    const made = make(options, handle);
    takers.push(made.taker);
    made.taker.start(made.consumer);
    return made;
  }

  it('takes no more items than it has workers, so that other processes get the rest', async () => {
    const gates = new Gates();
    const { store, push, taker } = started({ workers: 2 }, gates.handle);
    push('a', 'b', 'c');
    await pass(20);
    expect(gates.waiting).toEqual(['a', 'b']);
    expect(idsOn(store, 'im')).toEqual(['c 0']);
    await gates.open('a');
    await pass(20);
    expect(gates.waiting).toEqual(['b', 'c']);
    expect(taker.runs.stats).toMatchObject({ active: 2, queued: 0, completed: 1 });
    await gates.open('b');
    await gates.open('c');
  });

  it('goes on when the store has no item within the time of a wait, whatever it calls that', async () => {
    const { store, consumer, push } = started();
    await pass(25);
    vi.spyOn(store, 'blpop').mockImplementationOnce((async () => null) as never);
    await pass(25);
    push('a');
    await pass(25);
    expect(consumer.completed).toEqual(['a']);
  });

  it('takes other items while a retry waits, and runs the retry in this process', async () => {
    const { store, consumer, push } = started(
      { workers: 1, attempts: 2, backoff: { initialMs: 1_000, jitter: 'equal' } },
      ({ id }, { attempt }) => {
        if (id === 'a' && attempt === 1) throw new Error('broken');
      },
    );
    push('a', 'b');
    await pass(50);
    expect(consumer.completed).toEqual(['b']);
    expect(idsOn(store, 'im')).toEqual([]);
    await pass(500);
    expect(consumer.completed).toEqual(['b', 'a']);
    expect(consumer.told).toEqual(['retry a']);
  });

  it('takes nothing while too many retries wait', { timeout: 20_000 }, async () => {
    const { store, consumer, push } = started(
      { workers: 1, attempts: 2, backoff: { initialMs: 60_000, maxMs: 60_000, jitter: 'equal' } },
      broken,
    );
    push(...Array.from({ length: MAX_DELAYED + 3 }, (_, index) => String(index)));
    await pass(3_000);
    expect(consumer.begun).toHaveLength(MAX_DELAYED + 1);
    expect(store.list('im')).toHaveLength(2);
  });

  it('counts the runs that failed in other processes', async () => {
    const { store, consumer } = started({ attempts: 3 }, broken);
    const attempts = consumer.problems;
    store.rpush('im', `${JSON.stringify(sampleEvent('a')).slice(0, -1)},"Runs":2}`);
    await pass(20);
    expect(attempts.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual(['dead 3']);
    expect(idsOn(store, 'im:dead')).toEqual(['a 3']);
  });

  it('keeps what is no event as it came, and takes nothing else before the store has it', async () => {
    const { store, consumer, push } = started();
    const rpush = vi.spyOn(store, 'rpush').mockImplementationOnce(() => {
      throw new Error('away');
    });
    store.list('im').push('no event');
    await pass(5);
    rpush.mockClear();
    push('a');
    await pass(20);
    expect(consumer.begun).toEqual([]);
    await pass(50);
    expect(store.list('im:invalid')).toEqual(['no event']);
    expect(consumer.completed).toEqual(['a']);
    expect(consumer.told).toEqual(['invalid undefined', 'store undefined']);
  });

  it('keeps a worker with a dead event until the store has it, and reports the outage once', async () => {
    const { store, consumer, push, taker } = started({ workers: 1 }, broken);
    push('a');
    const { rpush } = store;
    store.rpush = () => {
      throw new Error('away');
    };
    // Attempts at once and after 50, 100 and 200 ms.
    await pass(300);
    expect(taker.runs.stats.active).toBe(1);
    expect(consumer.told).toEqual(['dead a', 'store undefined']);
    store.rpush = rpush;
    await pass(150);
    expect(idsOn(store, 'im:dead')).toEqual(['a 1']);
    expect(taker.runs.stats.active).toBe(0);
  });

  it('reports each outage of the store once, and asks again after growing pauses', async () => {
    const { store, consumer, push } = started();
    await pass(5);
    store.fault = new Error('away');
    const { calls } = store;
    await pass(400);
    // After 50, 100 and 200 ms; the first wait began before the outage.
    expect(store.calls - calls).toBeLessThanOrEqual(4);
    expect(consumer.problems).toMatchObject([
      { kind: 'store', error: { code: 'queue_failed', cause: store.fault } },
    ]);
    store.fault = undefined;
    push('a');
    await pass(800);
    expect(consumer.completed).toEqual(['a']);
    store.fault = new Error('away again');
    await pass(100);
    expect(consumer.told).toEqual(['store undefined', 'store undefined']);
  });

  it('does what was taken, and takes no more, when it shall quit', async () => {
    const gates = new Gates();
    const { store, consumer, push, taker } = started({ workers: 1 }, gates.handle);
    push('a', 'b');
    await pass(5);
    taker.quit();
    const drained = taker.drained();
    await gates.open('a');
    await pass(20);
    await drained;
    expect(consumer.completed).toEqual(['a']);
    expect(idsOn(store, 'im')).toEqual(['b 0']);
  });

  it('does not wait for the end of a pause to quit', async () => {
    const { store, taker } = started({ random: () => 0.99 });
    store.fault = new Error('away');
    await pass(3_000);
    taker.quit();
    await taker.drained();
    store.fault = undefined;
  });

  it('gives back each item that is not done once, with the runs that failed and not the one it cut short', async () => {
    const gates = new Gates();
    const { store, consumer, push, taker } = started(
      { workers: 2, attempts: 3, backoff: { initialMs: 60_000, maxMs: 60_000, jitter: 'equal' } },
      gates.handle,
    );
    push('waits', 'runs', 'done');
    await pass(5);
    await gates.fail('waits');
    await pass(5);
    await gates.open('done');
    await pass(5);
    taker.quit();
    expect(await taker.leave(1_000)).toEqual([]);
    expect(idsOn(store, 'im')).toEqual(['waits 1', 'runs 0']);
    expect(taker.length).toBe(2);
    await gates.open('runs');
    await pass(60_000);
    await taker.quiet();
    // A wait that ended late has taken one of them, and put it back.
    expect(idsOn(store, 'im')).toEqual(['runs 0', 'waits 1']);
    expect(consumer.told).toEqual(['retry waits']);
  });

  it('gives an item of the Go package back with the id and the time of its event', async () => {
    const { store, taker, consumer } = started({}, () => new Promise(() => undefined));
    consumer.decode = () => sampleEvent('new', {}, 7);
    store.rpush('im', '{"CallbackCommand":"x"}');
    await pass(5);
    taker.quit();
    await taker.leave(1_000);
    expect(store.list('im')).toEqual(['{"CallbackCommand":"x","Id":"new","ReceivedAt":7,"Runs":0}']);
  });

  it('tries once more, at the end, to put aside what the store did not take', async () => {
    const { store, consumer, push, taker } = started({ workers: 1 }, broken);
    push('a');
    const { rpush } = store;
    store.rpush = () => {
      throw new Error('away');
    };
    await pass(20);
    store.rpush = rpush;
    taker.quit();
    expect(await taker.leave(1_000)).toEqual([]);
    expect(idsOn(store, 'im:dead')).toEqual(['a 1']);
    expect(store.list('im')).toEqual([]);
    expect(consumer.told).toEqual(['dead a', 'store undefined']);
  });

  it('hands over what the store does not take back, says so, and does not push it twice', async () => {
    const { store, consumer, push, taker } = started({ workers: 2 }, ({ id }) => {
      if (id === 'dead') throw new Error('broken');
      return new Promise(() => undefined);
    });
    push('dead', 'a');
    const rpush = vi.spyOn(store, 'rpush').mockImplementation(() => {
      throw new Error('away');
    });
    await pass(5);
    rpush.mockClear();
    taker.quit();
    expect(idsOf(await taker.leave(1_000)).toSorted()).toEqual(['a', 'dead']);
    expect(rpush.mock.calls.map(([key]) => key).toSorted()).toEqual(['im', 'im:dead']);
    expect(consumer.told).toEqual(['dead dead', 'store undefined', 'store undefined']);
    expect(consumer.problems.at(-1)?.error.message).toContain('2 item');
  });

  it('says so when the store does not take what is no event', async () => {
    const { store, consumer, taker } = started();
    store.rpush('im', 'no event');
    store.rpush = () => {
      throw new Error('away');
    };
    await pass(5);
    taker.quit();
    expect(await taker.leave(1_000)).toEqual([]);
    expect(consumer.told).toEqual(['invalid undefined', 'store undefined', 'store undefined']);
    expect(consumer.problems.at(-1)?.error.message).toContain('1 item');
  });

  it('says so, but hands nothing over, when it is not known in time whether the store took an item back', async () => {
    const { store, consumer, push, taker } = started({}, () => new Promise(() => undefined));
    push('a');
    await pass(5);
    const pushing = gate();
    vi.spyOn(store, 'rpush').mockImplementation((() => pushing.promise) as never);
    taker.quit();
    const left = taker.leave(100);
    await pass(100);
    expect(await left).toEqual([]);
    expect(consumer.told).toEqual(['store undefined']);
    const quiet = taker.quiet();
    pushing.reject(new Error('away'));
    await pass(20);
    await quiet;
    expect(consumer.told).toEqual(['store undefined', 'store undefined']);
  });

  it('puts back an item that comes after the end', async () => {
    const late = gate<string>();
    const { store, consumer, taker } = make();
    store.blpop = () => late.promise;
    taker.start(consumer);
    taker.quit();
    await taker.leave(0);
    late.resolve('a');
    await taker.quiet();
    expect(store.list('im')).toEqual(['a']);
    expect(consumer.begun).toEqual([]);
    expect(consumer.problems).toEqual([]);
  });

  it('reports nothing of a wait that fails after the end, and does not pause behind it', async () => {
    const late = gate<string>();
    const { store, consumer, taker } = make();
    store.blpop = () => late.promise;
    taker.start(consumer);
    taker.quit();
    await taker.leave(0);
    late.reject(new Error('closed'));
    await taker.quiet();
    expect(consumer.problems).toEqual([]);
  });

  it('pushes nothing in the end where there is nothing', async () => {
    const { store, taker } = make();
    taker.quit();
    await taker.leave(0);
    await taker.quiet();
    expect(store.calls).toBe(0);
  });
});
