import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Alarm, type Sleeper } from '../../../src/base/alarm.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function sleeperFor(ms: number, wake: () => void = () => undefined): Sleeper {
  return { wakeAt: performance.now() + ms, wake, before: undefined, after: undefined };
}

describe('Alarm', () => {
  it('wakes all by one timer, each at its time, also those of the same moment', () => {
    const alarm = new Alarm();
    const woken: [name: string, at: number][] = [];
    const start = performance.now();
    for (const [name, ms] of Object.entries({ late: 30, early: 10, middle: 20, same: 20, last: 40 })) {
      alarm.add(sleeperFor(ms, () => woken.push([name, performance.now() - start])));
    }
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(25);
    expect(woken).toEqual([
      ['early', 10],
      ['middle', 20],
      ['same', 20],
    ]);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(woken.slice(3)).toEqual([
      ['late', 30],
      ['last', 40],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes nobody before the time, though a timer is early', () => {
    const alarm = new Alarm();
    const wake = vi.fn<() => void>();
    alarm.add(sleeperFor(10, wake));
    const early = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 9.5);
    vi.advanceTimersByTime(10);
    expect(wake).not.toHaveBeenCalled();
    early.mockRestore();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledOnce();
  });

  it('does not wake who was removed, be it the first, the last or another', () => {
    for (const gone of [0, 1, 2]) {
      const alarm = new Alarm();
      const woken: number[] = [];
      const sleepers = [0, 1, 2].map((index) => sleeperFor(10, () => woken.push(index)));
      for (const sleeper of sleepers) alarm.add(sleeper);
      const sleeper = sleepers[gone];
      if (sleeper !== undefined) alarm.remove(sleeper);
      vi.advanceTimersByTime(10);
      expect(woken).toEqual([0, 1, 2].filter((index) => index !== gone));
    }
  });

  it('wakes whoever is left, whatever order they come and go in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean())), (waits) => {
        const alarm = new Alarm(true);
        const woken: number[] = [];
        const sleepers = waits.map(([ms, stays]) => ({
          ms,
          stays,
          own: sleeperFor(ms, () => woken.push(ms)),
        }));
        for (const { own } of sleepers) alarm.add(own);
        for (const { own, stays } of sleepers) if (!stays) alarm.remove(own);
        vi.advanceTimersByTime(20);
        const left = waits.filter(([, stays]) => stays).map(([ms]) => ms);
        expect(woken).toEqual(left.sort((a, b) => a - b));
        expect(vi.getTimerCount()).toBe(0);
      }),
    );
  });

  it('may be set again by whom it wakes', () => {
    const alarm = new Alarm();
    const again = vi.fn<() => void>();
    alarm.add(sleeperFor(10, () => alarm.add(sleeperFor(10, again))));
    vi.advanceTimersByTime(19);
    expect(again).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(again).toHaveBeenCalledOnce();
  });

  it('leaves no timer when nobody waits', () => {
    const alarm = new Alarm();
    const [first, second] = [sleeperFor(10), sleeperFor(10)];
    alarm.add(first);
    alarm.add(second);
    alarm.remove(first);
    expect(vi.getTimerCount()).toBe(1);
    alarm.remove(second);
    expect(vi.getTimerCount()).toBe(0);
    const wake = vi.fn<() => void>();
    alarm.add(sleeperFor(10, wake));
    vi.advanceTimersByTime(10);
    expect(wake).toHaveBeenCalledOnce();
  });

  it('keeps its timer for those who come after, where it is shared, and keeps no process alive with it', () => {
    const start = vi.spyOn(globalThis, 'setTimeout');
    const alarm = new Alarm(true);
    for (let turn = 0; turn < 3; turn++) {
      const sleeper = sleeperFor(10);
      alarm.add(sleeper);
      alarm.remove(sleeper);
    }
    expect(start).toHaveBeenCalledOnce();
    expect(start.mock.results[0]?.value.hasRef()).toBe(false);
    vi.advanceTimersByTime(10);
    expect(vi.getTimerCount()).toBe(0);
    start.mockRestore();
  });

  it('keeps a process alive where it is not shared', () => {
    const start = vi.spyOn(globalThis, 'setTimeout');
    new Alarm().add(sleeperFor(10));
    expect(start.mock.results[0]?.value.hasRef()).toBe(true);
    start.mockRestore();
  });
});
