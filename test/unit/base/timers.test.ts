/** What differs between runtimes about timers. */

import { describe, expect, it } from 'vitest';
import { LONGEST_TIMER_MS, timerMs, unref } from '../../../src/base/timers.js';

describe('unref', () => {
  it('lets the process end while the timer is pending', () => {
    const timer = setTimeout(() => undefined, 1000);
    unref(timer);
    expect(timer.hasRef()).toBe(false);
    clearTimeout(timer);
  });

  it('does nothing to a timer that is a number', () => {
    expect(() => unref(7)).not.toThrow();
  });
});

describe('timerMs', () => {
  it.each([
    [undefined, 5],
    [Number.NaN, 5],
    [-1, 5],
    [0, 0],
    [1.5, 1.5],
    [Number.POSITIVE_INFINITY, LONGEST_TIMER_MS],
  ])('makes of %s a wait of %s ms', (value, wait) => {
    expect(timerMs(value, 5)).toBe(wait);
  });
});
