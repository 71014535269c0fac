/** The waits between the runs of a failed event. */

import { describe, expect, it } from 'vitest';
import { createBackoff } from '../../../src/queue/backoff.js';

const lowest = () => 0;
const middle = () => 0.5;
const highest = () => 1 - Number.EPSILON;

describe('the back-off', () => {
  it('doubles its ceiling from 1 s up to 30 s by default', () => {
    const wait = createBackoff({}, highest);
    expect([1, 2, 3, 4, 5, 6, 7].map(wait)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('spreads over everything up to the ceiling with full jitter, which is the default', () => {
    expect(createBackoff({}, lowest)(3)).toBe(0);
    expect(createBackoff({ jitter: 'full' }, middle)(3)).toBe(2000);
  });

  it('spreads over the upper half with equal jitter', () => {
    const waits = [lowest, middle, highest].map((random) => createBackoff({ jitter: 'equal' }, random)(3));
    expect(waits).toEqual([2000, 3000, 4000]);
  });

  it('follows initialMs, factor and maxMs', () => {
    const wait = createBackoff({ initialMs: 10, factor: 1.5, maxMs: 20 }, highest);
    expect([1, 2, 3].map(wait)).toEqual([10, 15, 20]);
  });

  it('stays at its first ceiling with a factor of 1', () => {
    expect(createBackoff({ factor: 1 }, highest)(50)).toBe(1000);
  });

  it('stays at maxMs however often an event failed', () => {
    expect(createBackoff({}, highest)(100_000)).toBe(30_000);
  });

  it('raises its default maxMs to an initialMs that is above it', () => {
    expect(createBackoff({ initialMs: 60_000 }, highest)(2)).toBe(60_000);
  });

  it('gives whole milliseconds', () => {
    expect(createBackoff({}, () => 0.123_456)(1)).toBe(123);
  });

  it('asks for one random number per wait', () => {
    let asked = 0;
    const wait = createBackoff({}, () => {
      asked += 1;
      return 0.5;
    });
    expect(asked).toBe(0);
    wait(1);
    wait(2);
    expect(asked).toBe(2);
  });

  it.each([
    [{ initialMs: 0 }, 'backoff.initialMs must be a whole number from 1 to 2147483647, not 0'],
    [{ initialMs: Number.NaN }, 'backoff.initialMs'],
    [{ initialMs: 2 ** 31 }, 'backoff.initialMs'],
    [{ maxMs: 999 }, 'backoff.maxMs must be a whole number from 1000 to 2147483647, not 999'],
    [{ maxMs: 1000.5 }, 'backoff.maxMs'],
    [{ maxMs: 2 ** 31 }, 'backoff.maxMs'],
    [{ factor: 0.9 }, 'backoff.factor must be a number from 1 up, not 0.9'],
    [{ factor: Number.NaN }, 'backoff.factor'],
    [{ factor: Number.POSITIVE_INFINITY }, 'backoff.factor'],
    [{ jitter: 'none' as 'full' }, "backoff.jitter must be 'full' or 'equal', not none"],
  ])('refuses %o', (options, message) => {
    expect(() => createBackoff(options, middle)).toThrow(
      expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining(message) }),
    );
  });
});
