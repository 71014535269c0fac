/** Circuit breaker for the primary queue, driven by the results of its enqueues. Holds no timer. */

import { CallbackError } from '../base/errors.js';
import type { QueueProblem } from './queue.js';

/** How often an event tries the queue while that is away, in milliseconds: all of them would only wait in vain. */
export const TRY_MS = 1_000;

/** The least between two reports, in milliseconds: a queue that is just full accepts now and then. */
export const QUIET_MS = 10_000;

/*
 *   up ──failed──→ away          a queue that is full stays up: it refuses at once, and may have room the next time
 *    ↑──accepted────┘
 *
 * Only enqueues for requests open it. A stored event that keeps failing would otherwise divert all others.
 */
export class Breaker {
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

  /** Whether the last try failed, other than by a queue that is full. */
  get away(): boolean {
    return this.#away;
  }

  /** How often the queue has accepted an event. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Whether an event should go to the queue first: while that is away, one in every `TRY_MS`. */
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
    this.hasOpened();
  }

  /** The queue could be opened. */
  hasOpened(): void {
    this.#away = false;
    this.#told = false;
  }

  /** The queue could not be opened, or did not accept an event. Reported once for each outage. */
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
