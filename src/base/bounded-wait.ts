/** Waits for promises that may never settle, as those of a client whose server is away. The one place that does. */

import { LONGEST_TIMER_MS, type Timer } from './timers.js';

/** The time was over first. */
export class Late extends Error {
  override readonly name = 'Late';

  constructor(ms: number) {
    super(`no result within ${Math.round(ms)} ms`);
  }
}

/**
 * The result of a promise, unless the time is over first; what it settles with after that is ignored. A promise that
 * has settled before the call is in time, whatever `ms` is.
 * @param ms Milliseconds; `Infinity` waits for ever. The time is over at once when it is not above 0, or `NaN`.
 * @param late Makes what this rejects with when the time is over. Defaults to a `Late`.
 * @param signal Cuts the wait short when it aborts; this rejects with its reason then. Defaults to none.
 */
export function within<T>(
  promise: PromiseLike<T>,
  ms: number,
  late: () => unknown = () => new Late(ms),
  signal?: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: Timer | undefined;
    const ending =
      <R>(finish: (result: R) => void) =>
      (result: R): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        finish(result);
      };
    const fail = ending(reject);
    const abort = (): void => fail(signal?.reason);
    promise.then(ending(resolve), fail);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    timer = startTimer(() => fail(late()), ms);
  });
}

/** A timer by itself takes `NaN`, and what is above its limit, for 1 ms. */
function startTimer(over: () => void, ms: number): Timer | undefined {
  if (ms === Number.POSITIVE_INFINITY) return undefined;
  if (ms > 0) return setTimeout(over, Math.min(ms, LONGEST_TIMER_MS));
  // Later than the result of a promise that has settled already.
  queueMicrotask(over);
  return undefined;
}

const OVER = Symbol('over');

/** Whether a promise settled in time, either way. Never rejects. */
export function settledWithin(promise: PromiseLike<unknown>, ms: number): Promise<boolean> {
  return within(promise, ms, () => OVER).then(
    () => true,
    (thrown: unknown) => thrown !== OVER,
  );
}

/**
 * Waits for so many milliseconds.
 * @throws the signal's reason, when that aborts first.
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // A new promise each time: one that lives longer would keep all who ever waited for it.
  await within(new Promise(() => undefined), ms, () => OVER, signal).catch((thrown: unknown) => {
    if (thrown !== OVER) throw thrown;
  });
}
