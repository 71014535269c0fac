import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { Outage, QUIET_MS, TRY_MS } from '../../../src/queue/breaker.js';
import type { QueueProblem } from '../../../src/queue/queue.js';

const failed = new CallbackError('queue_failed', { message: 'no answer' });
const full = new CallbackError('queue_full');
let told: QueueProblem[];
let outage: Outage;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  outage = new Outage((problem) => told.push(problem));
});

afterEach(() => {
  vi.useRealTimers();
});

describe('who may try the queue', () => {
  it('is everybody while it is up, and while it is only full', () => {
    expect([outage.mayTry(), outage.mayTry()]).toEqual([true, true]);
    outage.hasFailed(full);
    expect(outage.away).toBe(false);
    expect([outage.mayTry(), outage.mayTry()]).toEqual([true, true]);
  });

  it('is one event in a while once it has failed', () => {
    outage.hasFailed(failed);
    expect(outage.away).toBe(true);
    expect(outage.mayTry()).toBe(false);
    vi.advanceTimersByTime(TRY_MS - 1);
    expect(outage.mayTry()).toBe(false);
    vi.advanceTimersByTime(1);
    expect([outage.mayTry(), outage.mayTry()]).toEqual([true, false]);
  });

  it.each(['hasAccepted', 'over'] as const)('is everybody again after %s', (verb) => {
    outage.hasFailed(failed);
    outage[verb]();
    expect(outage.away).toBe(false);
    expect([outage.mayTry(), outage.mayTry()]).toEqual([true, true]);
  });

  it('counts what was accepted, and nothing else', () => {
    outage.hasAccepted();
    outage.over();
    outage.hasFailed(failed);
    outage.hasAccepted();
    expect(outage.accepted).toBe(2);
  });
});

describe('the owner is told', () => {
  it('once for each outage, with its cause', () => {
    outage.hasFailed(failed);
    outage.hasFailed(failed);
    vi.advanceTimersByTime(10 * QUIET_MS);
    outage.hasFailed(full);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      kind: 'store',
      error: {
        code: 'queue_failed',
        message: 'queue_failed: the queue does not accept events; they go to the fallback',
        cause: failed,
      },
    });
    outage.hasAccepted();
    outage.hasFailed(full);
    expect(told.map(({ error }) => error.code)).toEqual(['queue_failed', 'queue_full']);
  });

  it('not again within a while, of a queue that accepts now and then; and of one that stays away, later', () => {
    outage.hasFailed(full);
    for (let round = 0; round < 5; round += 1) {
      outage.hasAccepted();
      outage.hasFailed(full);
    }
    vi.advanceTimersByTime(QUIET_MS - 1);
    outage.hasFailed(full);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(1);
    outage.hasFailed(full);
    expect(told).toHaveLength(2);
  });
});
