/** The time that a request may take. Its alarm is set for all its stages, when something has to be waited for. */

import { Alarm, type Sleeper } from './alarm.js';
import type { CallbackError } from './errors.js';

/** What came of work that nobody waited for any more. */
export type LateResult = { readonly error?: unknown };

const SETTLED: LateResult = Object.freeze({});

/**
 * Life: running → ended (the answer is known) or running → expired → ended. Stages wait one after the other,
 * so at most one is waiting when the time is over.
 */
export class Deadline implements Sleeper {
  /** When it began, by `performance.now()`. */
  readonly startedAt = performance.now();
  readonly wakeAt: number;
  before: Sleeper | undefined;
  after: Sleeper | undefined;
  readonly #alarm: Alarm;
  readonly #onLate: (late: LateResult) => void;
  #alarmIs: 'unset' | 'set' | 'over' = 'unset';
  #controller: AbortController | undefined;
  #expired = false;
  #giveUp: (() => void) | undefined;
  #stop: (() => void) | undefined;

  /**
   * @param durationMs Milliseconds from now.
   * @param onLate Told of every result that came after the time was over.
   * @param alarm Defaults to one of its own.
   */
  constructor(durationMs: number, onLate: (late: LateResult) => void, alarm: Alarm = new Alarm()) {
    this.wakeAt = this.startedAt + durationMs;
    this.#alarm = alarm;
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
    return Math.max(0, this.wakeAt - performance.now());
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
      /** Whether the result is in time. */
      const isAwaited = (late: LateResult): boolean => {
        if (!waiting) {
          onLate(late);
          return false;
        }
        waiting = false;
        this.#giveUp = undefined;
        return true;
      };
      promise.then(
        (value) => {
          if (isAwaited(SETTLED)) resolve(value);
        },
        (error: unknown) => {
          if (isAwaited({ error })) reject(error);
        },
      );
      if (this.#expired) return giveUp();
      this.#giveUp = giveUp;
      if (this.#alarmIs !== 'unset') return;
      this.#alarmIs = 'set';
      this.#alarm.add(this);
    });
  }

  /** The answer is known: nothing is waited for any more. */
  end(): void {
    if (this.#alarmIs !== 'set') return;
    this.#alarmIs = 'over';
    this.#alarm.remove(this);
  }

  /** The time is over; only the alarm says so. */
  wake(): void {
    this.#alarmIs = 'over';
    this.#expired = true;
    this.#stop?.();
    this.#abort();
    this.#giveUp?.();
  }

  #abort(): void {
    this.#controller?.abort(new DOMException('past the deadline', 'TimeoutError'));
  }
}
