/** What happens behind the answer: hands events to what keeps them, within the time of their requests. */

import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { FallbackPair } from '../queue/fallback.js';
import type { EventKeeper, ReceiverStats } from '../queue/keeper.js';
import { LazyQueue, tooLate } from '../queue/lazy.js';
import type { CloseOptions, CloseResult, EventConsumer, EventQueue } from '../queue/queue.js';

/** Numbers of workers, as the Go package's `ConsumerNumGoroutine` gives them. */
export interface Workers {
  /** Workers that are always there. */
  readonly master: number;
  /** Workers that were added under load and are alive now. */
  readonly assistActive: number;
}

/** Owns the queue and its fallback, and runs the handlers of what they keep. */
export class Background {
  readonly #keeper: EventKeeper;

  constructor(queue: EventQueue, consumer: EventConsumer, fallback?: EventQueue) {
    this.#keeper =
      fallback === undefined ? new LazyQueue(queue, consumer) : new FallbackPair(queue, fallback, consumer);
  }

  /** Resolves when events are accepted; rejects with a coded error when a queue that is needed cannot be opened. */
  ready(): Promise<void> {
    return this.#keeper.ready();
  }

  /**
   * Resolves when the event is accepted.
   * @throws CallbackError `queue_full`, `queue_failed` or `closing`.
   */
  async enqueue(event: AnyCallbackEvent, deadline: Deadline): Promise<void> {
    try {
      const accepted = this.#keeper.enqueue(event, { leftMs: () => deadline.remainingMs });
      if (isThenable(accepted)) await deadline.wait(accepted, tooLate);
    } catch (thrown) {
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  /** Whether accepted events are lost when the process ends. */
  get isVolatile(): boolean {
    return this.#keeper.isVolatile;
  }

  /** Resolves when the process may end without losing an accepted event. */
  idle(): Promise<void> {
    return this.#keeper.idle();
  }

  workers(): Workers {
    const { workers, assist } = this.#keeper.stats();
    return { master: workers, assistActive: assist };
  }

  stats(): ReceiverStats {
    return this.#keeper.stats();
  }

  /** Closes the queues once; later calls get the first one's result. */
  close(options: CloseOptions): Promise<CloseResult> {
    return this.#keeper.close(options);
  }
}
