import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline, type LateResult } from '../../../src/base/deadline.js';
import { CallbackError } from '../../../src/base/errors.js';
import { isThenable } from '../../../src/base/thenable.js';

const tooLate = () => new CallbackError('handler_timeout');

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function setUp(durationMs = 100) {
  const late: LateResult[] = [];
  const deadline = new Deadline(durationMs, (result) => late.push(result));
  return { deadline, late };
}

describe('isThenable', () => {
  it('knows what has to be waited for', () => {
    expect(isThenable(Promise.resolve())).toBe(true);
    // biome-ignore lint/suspicious/noThenProperty: a thenable of somebody's own
    expect(isThenable({ then: () => undefined })).toBe(true);
    // biome-ignore lint/suspicious/noThenProperty: not one
    for (const other of [null, undefined, 1, 'then', {}, { then: 1 }, () => undefined]) {
      expect(isThenable(other)).toBe(false);
    }
  });
});

describe('Deadline', () => {
  it('starts no timer before something has to be waited for, and leaves none behind', async () => {
    const { deadline } = setUp();
    expect(vi.getTimerCount()).toBe(0);
    const waiting = deadline.wait(Promise.resolve(7), tooLate);
    expect(vi.getTimerCount()).toBe(1);
    expect(await waiting).toBe(7);
    await expect(deadline.wait(Promise.reject(new Error('x')), tooLate)).rejects.toThrow('x');
    expect(vi.getTimerCount()).toBe(1);
    deadline.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts from its construction, whatever was waited for in between', async () => {
    const { deadline } = setUp(100);
    vi.advanceTimersByTime(60);
    expect(deadline.remainingMs).toBe(40);
    const failed = expect(deadline.wait(new Promise(() => undefined), tooLate)).rejects.toThrow('timeout');
    await vi.advanceTimersByTimeAsync(39);
    expect(deadline.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(deadline.remainingMs).toBe(0);
    vi.advanceTimersByTime(50);
    expect(deadline.remainingMs).toBe(0);
  });

  it('is one timer for several stages', async () => {
    const { deadline } = setUp();
    for (let stage = 0; stage < 5; stage++) await deadline.wait(Promise.resolve(stage), tooLate);
    expect(vi.getTimerCount()).toBe(1);
    deadline.end();
  });

  it('aborts the signal with a reason, whether it was asked for before or after', async () => {
    for (const early of [true, false]) {
      const { deadline } = setUp();
      const before = early ? deadline.signal : undefined;
      const failed = expect(deadline.wait(new Promise(() => undefined), tooLate)).rejects.toThrow();
      await vi.advanceTimersByTimeAsync(100);
      await failed;
      if (before !== undefined) expect(deadline.signal).toBe(before);
      expect(deadline.signal.aborted).toBe(true);
      expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError', message: 'past the deadline' });
    }
  });

  it('swallows what comes too late and tells of it once', async () => {
    const { deadline, late } = setUp();
    const error = new Error('late');
    const first = new Promise((resolve) => setTimeout(resolve, 150));
    const second = new Promise((_, reject) => setTimeout(() => reject(error), 160));
    const failed = expect(deadline.wait(first, tooLate)).rejects.toThrow('timeout');
    await vi.advanceTimersByTimeAsync(100);
    await failed;
    await expect(deadline.wait(second, tooLate)).rejects.toThrow('timeout');
    expect(late).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(late).toEqual([{}, { error }]);
  });

  it('lets a thenable that settles twice disturb no later stage', async () => {
    const { deadline } = setUp();
    let again: (() => void) | undefined;
    const twice: PromiseLike<number> = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable of somebody's own, which breaks the rules
      then<A, B>(onFulfilled?: ((value: number) => A | PromiseLike<A>) | null) {
        again = () => onFulfilled?.(2);
        onFulfilled?.(1);
        return new Promise<A | B>(() => undefined);
      },
    };
    expect(await deadline.wait(twice, tooLate)).toBe(1);
    let outcome: unknown;
    deadline.wait(new Promise(() => undefined), tooLate).catch((error: unknown) => (outcome = error));
    again?.();
    await vi.advanceTimersByTimeAsync(100);
    expect(outcome).toMatchObject({ code: 'handler_timeout' });
  });

  it('does not take what came in time for late', async () => {
    const { deadline, late } = setUp();
    await deadline.wait(Promise.resolve(), tooLate);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(late).toEqual([]);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('does not abort once it has ended', async () => {
    const { deadline } = setUp();
    const { signal } = deadline;
    await deadline.wait(Promise.resolve(), tooLate);
    deadline.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(signal.aborted).toBe(false);
  });

  it('stops what has registered when the time is over, and at once what registers after that', async () => {
    vi.useFakeTimers();
    const deadline = new Deadline(50, () => undefined);
    const [replaced, stop, late] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
    deadline.onTimeout(replaced);
    deadline.onTimeout(stop);
    const waiting = deadline.wait(new Promise(() => undefined), () => new CallbackError('handler_timeout'));
    const failed = expect(waiting).rejects.toThrow('handler_timeout');
    await vi.advanceTimersByTimeAsync(50);
    await failed;
    expect([replaced.mock.calls.length, stop.mock.calls.length]).toEqual([0, 1]);
    deadline.onTimeout(late);
    expect(late).toHaveBeenCalledOnce();
  });
});
