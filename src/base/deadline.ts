/** The time that a request may take. One timer for all its stages, started when something has to be waited for. */

import type { CallbackError } from './errors.js';

/** What came of work that nobody waited for any more. */
export type LateResult = { readonly error?: unknown };

/**
 * Life: running → ended (the answer is known) or running → expired → ended. Stages wait one after the other,
 * so at most one is waiting when the time is over.
 */
export class Deadline {
  /** When it began, by `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #expiresAt: number;
  readonly #onLate: (late: LateResult) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;
  #expired = false;
  #giveUp: (() => void) | undefined;
  #stop: (() => void) | undefined;

  /**
   * @param durationMs Milliseconds from now.
   * @param onLate Told of every result that came after the time was over.
   */
  constructor(durationMs: number, onLate: (late: LateResult) => void) {
    this.#expiresAt = this.startedAt + durationMs;
    this.#onLate = onLate;
  }

  /** Aborts when the time is over. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#expired) this.#abort();
    }
    return this.#controller.signal;
  }

  /** Registers what is called when the time is over, at once if it is; replaces what was registered before. */
  onTimeout(stop: () => void): void {
    if (this.#expired) stop();
    else this.#stop = stop;
  }

  /** Milliseconds that are left; at least 0. */
  get remainingMs(): number {
    return Math.max(0, this.#expiresAt - performance.now());
  }

  /**
   * Waits for a promise, but not past the deadline. What it settles with after that goes to `onLate`. Not by `within`
   * (bounded-wait.ts), which starts a timer for each wait: here one serves all stages of a request.
   * @param onLate Defaults to the deadline's own.
   * @throws what `tooLate` makes, when the time is over first.
   */
  wait<T>(
    promise: PromiseLike<T>,
    tooLate: () => CallbackError,
    onLate: (late: LateResult) => void = this.#onLate,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let waiting = true;
      const giveUp = (): void => {
        waiting = false;
        reject(tooLate());
      };
      const settle = (finish: () => void, late: LateResult): void => {
        if (waiting) {
          waiting = false;
          this.#giveUp = undefined;
          finish();
        } else {
          onLate(late);
        }
      };
      promise.then(
        (value) => settle(() => resolve(value), {}),
        (error: unknown) => settle(() => reject(error), { error }),
      );
      if (this.#expired) return giveUp();
      this.#giveUp = giveUp;
      this.#timer ??= setTimeout(() => this.#expire(), this.remainingMs);
    });
  }

  /** The answer is known: no timer is left. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #expire(): void {
    this.#expired = true;
    this.#stop?.();
    this.#abort();
    this.#giveUp?.();
  }

  #abort(): void {
    this.#controller?.abort(new DOMException('past the deadline', 'TimeoutError'));
  }
}
