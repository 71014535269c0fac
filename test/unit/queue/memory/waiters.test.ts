/** Those who wait for room. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { LONGEST_TIMER_MS } from '../../../../src/base/timers.js';
import { Waiters } from '../../../../src/queue/memory/waiters.js';

const full = () => new CallbackError('queue_full');
const coded = (code: string) => expect.objectContaining({ code });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a waiter', () => {
  it('is handed out first come first served', async () => {
    const waiters = new Waiters<string>();
    const promises = ['a', 'b'].map((item) => waiters.wait(item, {}, full));
    expect([waiters.next(), waiters.next(), waiters.next()]).toEqual(['a', 'b', undefined]);
    await expect(Promise.all(promises)).resolves.toEqual([undefined, undefined]);
  });

  it('without timeoutMs or with Infinity has no timer', () => {
    const waiters = new Waiters<string>();
    waiters.wait('a', {}, full);
    waiters.wait('b', { timeoutMs: Number.POSITIVE_INFINITY }, full);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -1, Number.NaN])('with %s ms does not wait', async (timeoutMs) => {
    const waiters = new Waiters<string>();
    await expect(waiters.wait('a', { timeoutMs }, full)).rejects.toEqual(coded('queue_full'));
    expect(waiters.next()).toBeUndefined();
  });

  it('whose time is longer than a timer can hold waits that long', async () => {
    const waiters = new Waiters<string>();
    const waiter = waiters.wait('a', { timeoutMs: 2 ** 40 }, full);
    vi.advanceTimersByTime(LONGEST_TIMER_MS - 1);
    expect(waiters.next()).toBe('a');
    await waiter;
  });

  it('that gave up is not handed out, and others are', async () => {
    const waiters = new Waiters<string>();
    const late = waiters.wait('late', { timeoutMs: 10 }, full);
    const patient = waiters.wait('patient', { timeoutMs: 20 }, full);
    vi.advanceTimersByTime(10);
    await expect(late).rejects.toEqual(coded('queue_full'));
    expect(waiters.next()).toBe('patient');
    await patient;
  });

  it('leaves no timer and no listener behind, however it ends', async () => {
    const waiters = new Waiters<string>();
    const controllers = ['served', 'ended', 'late', 'gone'].map((item) => {
      const controller = new AbortController();
      const removed = vi.spyOn(controller.signal, 'removeEventListener');
      const failure = vi.fn(full);
      const timeoutMs = item === 'late' ? 10 : 1000;
      const outcome = waiters.wait(item, { signal: controller.signal, timeoutMs }, failure).catch(() => item);
      return { controller, removed, failure, outcome };
    });
    waiters.next();
    vi.advanceTimersByTime(10);
    controllers[3]?.controller.abort();
    waiters.end(() => new CallbackError('closing'));
    expect(await Promise.all(controllers.map(({ outcome }) => outcome))).toEqual([
      undefined,
      'ended',
      'late',
      'gone',
    ]);
    expect(vi.getTimerCount()).toBe(0);
    for (const { controller, removed } of controllers) {
      expect(removed).toHaveBeenCalledOnce();
      controller.abort();
    }
    expect(controllers.map(({ failure }) => failure.mock.calls.length)).toEqual([0, 0, 1, 1]);
  });

  it('is rejected with the error that end brings', async () => {
    const waiters = new Waiters<string>();
    const waiter = waiters.wait('a', {}, full);
    waiters.end(() => new CallbackError('closing'));
    await expect(waiter).rejects.toEqual(coded('closing'));
    expect(waiters.next()).toBeUndefined();
  });
});
