/** Jobs that are stored in batches, each within its own time. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { Batches, PENDING_MAX, RETRY_MS } from '../../../../src/queue/bullmq/batches.js';
import type { EventJob } from '../../../../src/queue/bullmq/job.js';
import { jobOf } from '../../../../src/queue/bullmq/job.js';
import { sampleEvent } from '../../../support/queue-events.js';

const job = (id: string): EventJob => jobOf(sampleEvent(id), {}, undefined);
const idsOf = (jobs: readonly EventJob[]): string[] => jobs.map(({ data }) => data.Id);

/** A store whose calls are answered by the test. */
class Store {
  readonly calls: {
    ids: string[];
    answer: (failure?: Error) => void;
    stored: (place: number) => void;
  }[] = [];

  readonly add = (jobs: EventJob[], stored: (place: number) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const answer = (failure?: Error) => (failure === undefined ? resolve() : reject(failure));
      this.calls.push({ ids: idsOf(jobs), answer, stored });
    });

  get asked(): string[][] {
    return this.calls.map(({ ids }) => ids);
  }

  async answer(call: number, failure?: Error): Promise<void> {
    this.calls[call]?.answer(failure);
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** What became of a job. */
function outcomeOf(promise: Promise<void>): { state: string } {
  const outcome = { state: 'waiting' };
  promise.then(
    () => {
      outcome.state = 'stored';
    },
    (error: Error) => {
      outcome.state = error.message;
    },
  );
  return outcome;
}

describe('Batches', () => {
  let store: Store;
  let batches: Batches;

  beforeEach(() => {
    vi.useFakeTimers();
    store = new Store();
    batches = new Batches(store.add, 1_000);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const add = (id: string, options: Parameters<Batches['add']>[1] = {}) =>
    outcomeOf(batches.add(job(id), options));
  const turn = () => vi.advanceTimersByTimeAsync(1);

  it('stores everything that was added in one turn of the event loop with one call', async () => {
    const outcomes = [add('a'), add('b'), add('c')];
    await turn();
    const later = add('d');
    await turn();
    expect(store.asked).toEqual([['a', 'b', 'c'], ['d']]);
    await store.answer(1);
    expect(later.state).toBe('stored');
    await store.answer(0);
    expect(outcomes.map(({ state }) => state)).toEqual(['stored', 'stored', 'stored']);
  });

  it('says only when it is stored that it is stored', async () => {
    const outcome = add('a');
    await turn();
    expect(outcome.state).toBe('waiting');
    await store.answer(0);
    expect(outcome.state).toBe('stored');
  });

  it('says of each job that it is stored as soon as it is, and tries only the others again', async () => {
    const outcomes = [add('a'), add('b'), add('c')];
    await turn();
    store.calls[0]?.stored(1);
    await turn();
    expect(outcomes.map(({ state }) => state)).toEqual(['waiting', 'stored', 'waiting']);
    await store.answer(0, new Error('away'));
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    await store.answer(1);
    await turn();
    expect(store.asked.slice(1)).toEqual([['a'], ['c']]);
    // Too late to change anything.
    store.calls[0]?.stored(0);
    store.calls[0]?.stored(1);
    store.calls[2]?.stored(0);
    await store.answer(2);
    expect(outcomes.map(({ state }) => state)).toEqual(['stored', 'stored', 'stored']);
    await batches.idle();
  });

  it('lets one job go ahead after a failure, and all others follow it', async () => {
    const outcomes = [add('a'), add('b'), add('c')];
    await turn();
    await store.answer(0, new Error('away'));
    outcomes.push(add('d'));
    await vi.advanceTimersByTimeAsync(RETRY_MS - 1);
    expect(store.calls).toHaveLength(1);
    await turn();
    outcomes.push(add('e'));
    await turn();
    expect(store.asked.slice(1)).toEqual([['a']]);
    await store.answer(1);
    await turn();
    expect(store.asked.slice(2)).toEqual([['b', 'c', 'd', 'e']]);
    await store.answer(2);
    expect(outcomes.map(({ state }) => state)).toEqual(Array(5).fill('stored'));
  });

  it('lets only one go ahead though a call from before fails meanwhile', async () => {
    add('a');
    await turn();
    add('b');
    await turn();
    await store.answer(0, new Error('away'));
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    await store.answer(1, new Error('away'));
    await vi.advanceTimersByTimeAsync(RETRY_MS - 1);
    add('c');
    await turn();
    expect(store.asked).toEqual([['a'], ['b'], ['a']]);
  });

  it('gives up each job when its own time is over, says why, and does not try it again', async () => {
    const [short, long] = [add('a', { timeoutMs: 50 }), add('b')];
    await turn();
    await store.answer(0, new Error('away'));
    await vi.advanceTimersByTimeAsync(50);
    expect(short.state).toBe('queue_failed: the event could not be stored in time');
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(store.asked.slice(1)).toEqual([['b']]);
    await store.answer(1);
    expect(long.state).toBe('stored');
  });

  it('does not say that a job is stored when its time is over before', async () => {
    const [late, other] = [add('a', { timeoutMs: 50 }), add('b')];
    await vi.advanceTimersByTimeAsync(50);
    await store.answer(0);
    expect([late.state.slice(0, 12), other.state]).toEqual(['queue_failed', 'stored']);
  });

  it('tells the last failure of the store as the cause', async () => {
    const added = batches.add(job('a'), { timeoutMs: 50 });
    const expected = expect(added).rejects.toMatchObject({ code: 'queue_failed', cause: new Error('away') });
    await turn();
    await store.answer(0, new Error('away'));
    await vi.advanceTimersByTimeAsync(50);
    await expected;
  });

  it('does not wait for a store that hangs, nor send it more than one job then', async () => {
    const first = add('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(first.state).toMatch(/^queue_failed/);
    const second = add('b');
    const third = add('c');
    await vi.advanceTimersByTimeAsync(500);
    expect(store.asked).toEqual([['a'], ['b']]);
    await store.answer(1);
    await turn();
    await store.answer(2);
    expect([second.state, third.state]).toEqual(['stored', 'stored']);
  });

  it('takes no more time than the caller has, and none of one who has none', async () => {
    expect(await batches.add(job('a'), { timeoutMs: 0 }).catch(String)).toMatch('queue_failed');
    expect(await batches.add(job('a'), { timeoutMs: Number.NaN }).catch(String)).toMatch('queue_failed');
    expect(await batches.add(job('a'), { signal: AbortSignal.abort() }).catch(String)).toMatch(
      'queue_failed',
    );
    const patient = add('b', { timeoutMs: 1_000_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(patient.state).toMatch(/^queue_failed/);
  });

  it('gives up a job whose caller stops waiting', async () => {
    const controller = new AbortController();
    const outcome = add('a', { signal: controller.signal });
    const other = add('b', { signal: controller.signal });
    await turn();
    await store.answer(0);
    expect([outcome.state, other.state]).toEqual(['stored', 'stored']);
    const third = add('c', { signal: controller.signal });
    controller.abort();
    await turn();
    expect(third.state).toMatch(/^queue_failed/);
    expect(store.calls).toHaveLength(1);
  });

  it('refuses more jobs than may wait', async () => {
    const outcomes = Array.from({ length: PENDING_MAX }, (_, index) => add(String(index)));
    await expect(batches.add(job('surplus'), {})).rejects.toMatchObject({ code: 'queue_full' });
    await turn();
    await store.answer(0);
    expect(outcomes.every(({ state }) => state === 'stored')).toBe(true);
    const later = add('later');
    await turn();
    await store.answer(1);
    expect(later.state).toBe('stored');
  });

  it('is idle when nothing waits', async () => {
    await batches.idle();
    const [first] = [add('a'), add('b', { timeoutMs: 50 })];
    const idle = outcomeOf(batches.idle());
    await turn();
    expect(idle.state).toBe('waiting');
    await store.answer(0);
    expect([first.state, idle.state]).toEqual(['stored', 'stored']);
  });

  it('gives up at its end what is not stored, and is idle then', async () => {
    const outcomes = [add('a'), add('b'), add('c')];
    await turn();
    const idle = outcomeOf(batches.idle());
    // Each of them twice: the second time it is nobody's any more.
    for (const place of [0, 2, 0, 2]) store.calls[0]?.stored(place);
    await turn();
    expect(idle.state).toBe('waiting');
    batches.end(() => new CallbackError('closing'));
    await turn();
    expect(outcomes.map(({ state }) => state.slice(0, 8))).toEqual(['stored', 'closing:', 'stored']);
    expect(idle.state).toBe('stored');
  });

  it('gives up everything at its end, and tries nothing again', async () => {
    const outcomes = [add('a'), add('b')];
    await turn();
    await store.answer(0, new Error('away'));
    batches.end(() => new CallbackError('closing'));
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(outcomes.map(({ state }) => state.slice(0, 8))).toEqual(['closing:', 'closing:']);
    expect(store.calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
