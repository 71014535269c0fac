/** Whether a queue with a fallback takes events, as far as their fates tell. Holds no timer. */

import { CallbackError } from '../base/errors.js';
import type { QueueProblem } from './queue.js';

/** While the queue is away, one event in so many milliseconds tries it; the others would only wait in vain. */
export const TRY_MS = 1_000;

/** How long a new outage is not told after the last one: a queue that is just full accepts now and then. */
export const QUIET_MS = 10_000;

/*
 *   up ──failed──→ away          `queue_full` leaves it up: such a queue answers at once, and may have room again
 *    ↑──accepted────┘
 *
 * Only what the requests try makes it away. A stored event that keeps failing would otherwise divert all others.
 */
export class Outage {
  readonly #report: (problem: QueueProblem) => void;
  #away = false;
  #nextTry = 0;
  #told = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #accepted = 0;

  /** @param report must not throw. */
  constructor(report: (problem: QueueProblem) => void) {
    this.#report = report;
  }

  get away(): boolean {
    return this.#away;
  }

  /** How often the queue has accepted an event. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Whether an event should go to the queue first: while it is away, only when it is time to try again. */
  mayTry(): boolean {
    if (!this.#away) return true;
    const now = performance.now();
    if (now < this.#nextTry) return false;
    this.#nextTry = now + TRY_MS;
    return true;
  }

  /** The queue has accepted an event. */
  hasAccepted(): void {
    this.#accepted += 1;
    this.over();
  }

  /** The queue is there. */
  over(): void {
    this.#away = false;
    this.#told = false;
  }

  /** The queue could not be opened, or did not accept an event. Told once for each outage. */
  hasFailed(error: CallbackError): void {
    const now = performance.now();
    if (error.code !== 'queue_full') {
      this.#away = true;
      this.#nextTry = now + TRY_MS;
    }
    if (this.#told || now - this.#toldAt < QUIET_MS) return;
    this.#told = true;
    this.#toldAt = now;
    const message = 'the queue does not accept events; they go to the fallback';
    this.#report({ kind: 'store', error: new CallbackError(error.code, { message, cause: error }) });
  }
}
