import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { Breaker, QUIET_MS, TRY_MS } from '../../../src/queue/breaker.js';
import type { QueueProblem } from '../../../src/queue/queue.js';

const failed = new CallbackError('queue_failed', { message: 'no answer' });
const full = new CallbackError('queue_full');
let told: QueueProblem[];
let breaker: Breaker;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  breaker = new Breaker((problem) => told.push(problem));
});

afterEach(() => {
  vi.useRealTimers();
});

describe('who may try the queue', () => {
  it('is everybody while it is up, and while it is only full', () => {
    expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, true]);
    breaker.hasFailed(full);
    expect(breaker.away).toBe(false);
    expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, true]);
  });

  it('is one event in a while once it has failed', () => {
    breaker.hasFailed(failed);
    expect(breaker.away).toBe(true);
    expect(breaker.mayTry()).toBe(false);
    vi.advanceTimersByTime(TRY_MS - 1);
    expect(breaker.mayTry()).toBe(false);
    vi.advanceTimersByTime(1);
    expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, false]);
  });

  it.each(['hasAccepted', 'hasOpened'] as const)('is everybody again after %s', (verb) => {
    breaker.hasFailed(failed);
    breaker[verb]();
    expect(breaker.away).toBe(false);
    expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, true]);
  });

  it('counts what was accepted, and nothing else', () => {
    breaker.hasAccepted();
    breaker.hasOpened();
    breaker.hasFailed(failed);
    breaker.hasAccepted();
    expect(breaker.accepted).toBe(2);
  });
});

describe('the owner is told', () => {
  it('once for each outage, with its cause', () => {
    breaker.hasFailed(failed);
    breaker.hasFailed(failed);
    vi.advanceTimersByTime(10 * QUIET_MS);
    breaker.hasFailed(full);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      kind: 'store',
      error: {
        code: 'queue_failed',
        message: 'queue_failed: the queue does not accept events; they go to the fallback',
        cause: failed,
      },
    });
    breaker.hasAccepted();
    breaker.hasFailed(full);
    expect(told.map(({ error }) => error.code)).toEqual(['queue_failed', 'queue_full']);
  });

  it('not again within a while, of a queue that accepts now and then; and of one that stays away, later', () => {
    breaker.hasFailed(full);
    for (let round = 0; round < 5; round += 1) {
      breaker.hasAccepted();
      breaker.hasFailed(full);
    }
    vi.advanceTimersByTime(QUIET_MS - 1);
    breaker.hasFailed(full);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(1);
    breaker.hasFailed(full);
    expect(told).toHaveLength(2);
  });
});
