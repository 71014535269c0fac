/** Jobs that are stored, each within its own time. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Intake, PENDING_MAX, RETRY_MS } from '../../../../src/queue/bullmq/intake.js';
import { type EventJob, jobOf } from '../../../../src/queue/bullmq/job.js';
import { sampleEvent } from '../../../support/queue-events.js';

const job = (id: string): EventJob => jobOf(sampleEvent(id), {}, undefined);

/** A store whose calls are answered by the test. */
class Store {
  readonly calls: { ids: string[]; answer: (failure?: Error) => void }[] = [];

  readonly add = (jobs: readonly EventJob[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const answer = (failure?: Error) => (failure === undefined ? resolve() : reject(failure));
      this.calls.push({ ids: jobs.map(({ data }) => data.Id), answer });
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

const away = new Error('away');
let store: Store;

beforeEach(() => {
  vi.useFakeTimers();
  store = new Store();
});

afterEach(() => {
  vi.useRealTimers();
});

const turn = () => vi.advanceTimersByTimeAsync(1);
const states = (outcomes: readonly { state: string }[]) => outcomes.map(({ state }) => state);

describe.each([true, false])('an intake that stores together: %s', (together) => {
  let intake: Intake;

  beforeEach(() => {
    intake = new Intake({ store: store.add, together, timeoutMs: 1_000 });
  });

  const add = (id: string, options: Parameters<Intake['add']>[1] = {}) =>
    outcomeOf(intake.add(job(id), options));

  it('says only when a job is stored that it is stored', async () => {
    const outcome = add('a');
    await turn();
    expect(outcome.state).toBe('waiting');
    await store.answer(0);
    expect(outcome.state).toBe('stored');
  });

  it('tries one job at a time after a failure, and all others follow the first that is stored', async () => {
    const outcomes = [add('a')];
    await turn();
    await store.answer(0, away);
    outcomes.push(add('b'), add('c'));
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(store.asked).toEqual([['a'], ['a']]);
    await store.answer(1, away);
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    outcomes.push(add('d'));
    await turn();
    expect(store.asked.slice(2)).toEqual([['a']]);
    await store.answer(2);
    expect(store.asked.slice(3)).toEqual(together ? [['b', 'c', 'd']] : [['b'], ['c'], ['d']]);
    for (let call = 3; call < store.calls.length; call += 1) await store.answer(call);
    expect(states(outcomes)).toEqual(Array(4).fill('stored'));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up each job when its own time is over, says why, and does not try it again', async () => {
    const short = intake.add(job('a'), { timeoutMs: 50 });
    const expected = expect(short).rejects.toMatchObject({
      code: 'queue_failed',
      message: 'queue_failed: the event could not be stored in time',
      cause: away,
    });
    await turn();
    await store.answer(0, away);
    const long = add('b');
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    await expected;
    expect(store.asked.slice(1)).toEqual([['b']]);
    await store.answer(1);
    expect(long.state).toBe('stored');
  });

  it('says that Redis is full where that is why', async () => {
    const added = outcomeOf(intake.add(job('a'), { timeoutMs: 50 }));
    await turn();
    await store.answer(0, new Error("OOM command not allowed when used memory > 'maxmemory'."));
    await vi.advanceTimersByTimeAsync(50);
    expect(added.state).toMatch(/^queue_failed: Redis is full/);
  });

  it('tries a new job at once when none has waited for a while', async () => {
    add('a', { timeoutMs: 50 });
    await turn();
    await store.answer(0, away);
    await vi.advanceTimersByTimeAsync(2 * RETRY_MS);
    expect(vi.getTimerCount()).toBe(0);
    add('b');
    await turn();
    expect(store.asked).toEqual([['a'], ['b']]);
  });

  it('does not say that a job is stored when its time was over before', async () => {
    const late = add('a', { timeoutMs: 50 });
    await vi.advanceTimersByTimeAsync(50);
    await store.answer(0);
    expect(late.state).toMatch(/^queue_failed/);
    await intake.idle();
  });

  it('does not wait for a store that hangs, nor send it more than a job for each pause then', async () => {
    const first = add('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(first.state).toMatch(/^queue_failed/);
    for (let index = 0; index < 1_000; index += 1) add(String(index));
    await vi.advanceTimersByTimeAsync(5 * RETRY_MS);
    expect(store.calls.length).toBeLessThanOrEqual(6);
  });

  it('takes no more time than the caller has, and none of one who has none', async () => {
    expect(await intake.add(job('a'), { timeoutMs: 0 }).catch(String)).toMatch('queue_failed');
    expect(await intake.add(job('a'), { timeoutMs: Number.NaN }).catch(String)).toMatch('queue_failed');
    const patient = add('b', { timeoutMs: 1_000_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(patient.state).toMatch(/^queue_failed/);
  });

  it('refuses more jobs than may wait', async () => {
    const outcomes = Array.from({ length: PENDING_MAX }, (_, index) => add(String(index)));
    await expect(intake.add(job('surplus'), {})).rejects.toMatchObject({ code: 'queue_full' });
    await turn();
    for (const { answer } of store.calls) answer();
    await turn();
    expect(outcomes.every(({ state }) => state === 'stored')).toBe(true);
    const later = add('later');
    await turn();
    await store.answer(store.calls.length - 1);
    expect(later.state).toBe('stored');
  });

  it('is idle when nothing waits', async () => {
    await intake.idle();
    const outcomes = [add('a'), add('b', { timeoutMs: 50 })];
    const idle = outcomeOf(intake.idle());
    await turn();
    expect(idle.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(50);
    expect(idle.state).toBe('waiting');
    await store.answer(0);
    expect(states([...outcomes, idle])).toEqual(['stored', outcomes[1]?.state, 'stored']);
  });

  it('gives up everything at its end, and tries nothing again', async () => {
    const outcomes = [add('a')];
    await turn();
    await store.answer(0, away);
    outcomes.push(add('b'));
    intake.end();
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(outcomes.map(({ state }) => state.slice(0, 8))).toEqual(['closing:', 'closing:']);
    expect(store.calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what an intake sends', () => {
  it('is each job at once, in the turn in which it came', () => {
    const intake = new Intake({ store: store.add, together: false, timeoutMs: 1_000 });
    for (const id of ['a', 'b']) outcomeOf(intake.add(job(id), {}));
    expect(store.asked).toEqual([['a'], ['b']]);
  });

  it('is, together, everything that came during one turn of the event loop', async () => {
    const intake = new Intake({ store: store.add, together: true, timeoutMs: 1_000 });
    for (const id of ['a', 'b']) outcomeOf(intake.add(job(id), {}));
    expect(store.asked).toEqual([]);
    await turn();
    outcomeOf(intake.add(job('c'), {}));
    await turn();
    expect(store.asked).toEqual([['a', 'b'], ['c']]);
  });

  it('is nothing, together, when the store has gone away during the turn', async () => {
    const intake = new Intake({ store: store.add, together: true, timeoutMs: 1_000 });
    outcomeOf(intake.add(job('a'), {}));
    await turn();
    outcomeOf(intake.add(job('b'), {}));
    store.calls[0]?.answer(away);
    // The promises settle, and the turn is not over.
    await Promise.resolve().then(() => undefined);
    for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
    await turn();
    expect(store.asked).toEqual([['a']]);
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(store.asked[1]).toEqual(['a']);
  });
});
