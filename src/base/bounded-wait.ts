/** Waits for promises that may never settle, as those of a client whose server is away. The one place that does. */

import { LONGEST_TIMER_MS } from './timers.js';

/** The time was over first. */
export class Late extends Error {
  override readonly name = 'Late';

  constructor(ms: number) {
    super(`no result within ${Math.round(ms)} ms`);
  }
}

/**
 * The result of a promise, unless the time is over first; what it settles with after that is ignored.
 * @param ms Milliseconds; `Infinity` waits for ever. A time that is not above 0 is over at once, and so is one that
 * is no number: a timer takes `NaN` for one millisecond and the largest numbers for none, which is neither.
 * @param late Makes what this rejects with when the time is over. Defaults to a `Late`.
 */
export function within<T>(
  promise: PromiseLike<T>,
  ms: number,
  late: () => unknown = () => new Late(ms),
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = startTimer(() => reject(late()), ms);
    const settle =
      <R>(finish: (result: R) => void) =>
      (result: R): void => {
        clearTimeout(timer);
        finish(result);
      };
    promise.then(settle(resolve), settle(reject));
  });
}

function startTimer(giveUp: () => void, ms: number): ReturnType<typeof setTimeout> | undefined {
  if (ms === Number.POSITIVE_INFINITY) return undefined;
  if (ms > 0) return setTimeout(giveUp, Math.min(ms, LONGEST_TIMER_MS));
  giveUp();
  return undefined;
}

/** Whether a promise settled in time, either way. Never rejects. */
export function settledWithin(promise: PromiseLike<unknown>, ms: number): Promise<boolean> {
  return within(promise, ms).then(
    () => true,
    (thrown: unknown) => !(thrown instanceof Late),
  );
}
