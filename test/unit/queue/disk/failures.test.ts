/** What is told of a disk that fails. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { Failures, QUIET_MS } from '../../../../src/queue/disk/failures.js';

function bench() {
  const failures = new Failures();
  const told: string[] = [];
  const listen = () => failures.listen(({ message }) => void told.push(message));
  return { failures, told, listen };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Failures', () => {
  it('tells of the first failure at once, and then of many together', () => {
    const { failures, told, listen } = bench();
    listen();
    for (let count = 0; count < 500; count += 1) failures.add(new Error('read-only'));
    expect(told).toEqual(['queue_failed: the queue could not store the event']);
    vi.advanceTimersByTime(QUIET_MS);
    failures.add('read-only');
    expect(told.slice(1)).toEqual([expect.stringContaining('could not 499 times since the last report')]);
    vi.advanceTimersByTime(QUIET_MS);
    failures.add('read-only');
    expect(told).toHaveLength(3);
  });

  it('keeps what was found before there was somebody to tell', () => {
    const { failures, told, listen } = bench();
    failures.damage(new CallbackError('queue_damaged', { message: 'one' }));
    failures.add('nobody hears it');
    listen();
    failures.damage(new CallbackError('queue_damaged', { message: 'two' }));
    expect(told).toEqual(['queue_damaged: one', 'queue_damaged: two']);
  });

  it('says nothing behind the last word', () => {
    const { failures, told, listen } = bench();
    listen();
    failures.end(new CallbackError('queue_failed', { message: 'gone' }));
    vi.advanceTimersByTime(10 * QUIET_MS);
    failures.add('gone');
    expect(told).toEqual(['queue_failed: gone']);
  });
});
