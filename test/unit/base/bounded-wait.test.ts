/** Waiting for promises that may never settle. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Late, pause, settledWithin, within } from '../../../src/base/bounded-wait.js';
import { LONGEST_TIMER_MS } from '../../../src/base/timers.js';

const broken = new Error('broken');
const never = <T>(): Promise<T> => new Promise(() => undefined);
const resolving = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('within', () => {
  it('gives the result of a promise that settles in time', async () => {
    const waiting = within(resolving(9), 10);
    await vi.advanceTimersByTimeAsync(9);
    expect(await waiting).toBe(9);
    await expect(within(Promise.reject(broken), 10)).rejects.toBe(broken);
  });

  it('rejects with Late when the time is over, and ignores what comes later', async () => {
    let fail = (_error: Error): void => undefined;
    const late = new Promise((_, reject) => {
      fail = reject;
    });
    const over = expect(within(late, 10.4)).rejects.toThrow(new Late(10));
    await vi.advanceTimersByTimeAsync(11);
    await over;
    fail(new Error('unhandled, if nobody took it'));
    await vi.advanceTimersByTimeAsync(0);
    expect(new Late(1)).toMatchObject({ name: 'Late', message: 'no result within 1 ms' });
  });

  it('rejects with what it is given for that', async () => {
    await expect(within(never(), 0, () => broken)).rejects.toBe(broken);
  });

  it.each([0, -1, Number.NaN])('is over at once after %d ms, but not for what has settled', async (ms) => {
    await expect(within(never(), ms)).rejects.toThrow(Late);
    expect(await within(Promise.resolve(7), ms)).toBe(7);
    await expect(within(Promise.reject(broken), ms)).rejects.toBe(broken);
  });

  it.each([LONGEST_TIMER_MS + 1, Number.POSITIVE_INFINITY])('waits for long: %d ms', async (ms) => {
    const waiting = within(resolving(10_000), ms);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await waiting).toBe(10_000);
  });

  it('starts no timer where it waits for ever', () => {
    void within(never(), Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with the reason of a signal that aborts first', async () => {
    const gone = new AbortController();
    const aborted = expect(within(never(), 10, undefined, gone.signal)).rejects.toBe(broken);
    gone.abort(broken);
    await aborted;
    await expect(within(never(), 10, undefined, gone.signal)).rejects.toBe(broken);
  });

  it('leaves nothing at a signal that does not abort', async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    expect(await within(Promise.resolve(7), 10, undefined, signal)).toBe(7);
    await expect(within(never(), 0, undefined, signal)).rejects.toThrow(Late);
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });
});

describe('settledWithin', () => {
  it('tells whether a promise settled in time, either way', async () => {
    expect(await settledWithin(Promise.resolve(), 10)).toBe(true);
    expect(await settledWithin(Promise.reject(broken), 10)).toBe(true);
    const waiting = settledWithin(resolving(20), 10);
    await vi.advanceTimersByTimeAsync(20);
    expect(await waiting).toBe(false);
  });

  it('takes a promise whose own time was over for settled', async () => {
    expect(await settledWithin(Promise.reject(new Late(1)), 10)).toBe(true);
  });
});

describe('pause', () => {
  it('resolves after its time', async () => {
    const over = vi.fn();
    pause(10, new AbortController().signal).then(over);
    await vi.advanceTimersByTimeAsync(9);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalledOnce();
  });

  it('rejects when its signal aborts', async () => {
    const gone = new AbortController();
    const aborted = expect(pause(10, gone.signal)).rejects.toBe(broken);
    gone.abort(broken);
    await aborted;
  });
});
