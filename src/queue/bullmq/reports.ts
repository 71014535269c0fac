/** Reports of the BullMQ tier: never throw, and an outage is told once and not at every attempt to reconnect. */

import { CallbackError } from '../../base/errors.js';
import type { EventConsumer, QueueProblem } from '../queue.js';
import { tell } from '../report.js';

/** How long the same failure of the store is not told again, in milliseconds. */
export const QUIET_MS = 10_000;

/** Tells the consumer; before there is one, nobody. */
export class Reports {
  readonly #now: () => number;
  #consumer: EventConsumer | undefined;
  #lastMessage: string | undefined;
  #lastTime = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** From now on there is somebody to tell. */
  listen(consumer: EventConsumer): void {
    this.#consumer = consumer;
  }

  readonly tell = (problem: QueueProblem): void => tell(this.#consumer, problem);

  /** The store, or something that is called for it, failed. */
  readonly storeFailed = (cause: unknown): void => {
    const message = String(cause);
    const now = this.#now();
    if (message === this.#lastMessage && now - this.#lastTime < QUIET_MS) return;
    this.#lastMessage = message;
    this.#lastTime = now;
    this.tell({ kind: 'store', error: CallbackError.from(cause, 'queue_failed') });
  };
}
