/** What happens behind the answer: owns the queue, hands events to it and runs their handlers. */

import { type Deadline, isThenable } from './deadline.js';
import { CallbackError } from './errors.js';
import type { AnyCallbackEvent } from './event.js';
import type { CloseOptions, CloseResult, EventConsumer, EventQueue, QueueStats } from './queue/queue.js';

/** Numbers of workers, as the Go package's `ConsumerNumGoroutine` gives them. */
export interface Workers {
  /** Workers that are always there. */
  readonly master: number;
  /** Workers that were added under load and are alive now. */
  readonly assistActive: number;
}

/**
 * States of the queue: closed → opening → open; a failed opening goes back to closed, and the next event or
 * `ready()` tries again. Once the receiver closes, nothing is opened any more.
 */
export class Background {
  readonly #queue: EventQueue;
  readonly #consumer: EventConsumer;
  #opening: Promise<void> | undefined;
  #open = false;
  #closing: Promise<CloseResult> | undefined;

  constructor(queue: EventQueue, consumer: EventConsumer) {
    this.#queue = queue;
    this.#consumer = consumer;
  }

  /** Resolves when the queue accepts events; rejects with a coded error when it cannot be opened. */
  ready(): Promise<void> {
    this.#opening ??= this.#openQueue();
    return this.#opening;
  }

  async #openQueue(): Promise<void> {
    try {
      if (this.#closing !== undefined) throw new CallbackError('closing');
      await this.#queue.open();
      if (this.#closing === undefined) this.#queue.start(this.#consumer);
      this.#open = true;
    } catch (thrown) {
      this.#opening = undefined;
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  /**
   * Resolves when the queue has accepted the event.
   * @throws CallbackError `queue_full`, `queue_failed` or `closing`.
   */
  async enqueue(event: AnyCallbackEvent, deadline: Deadline): Promise<void> {
    const tooLate = (): CallbackError =>
      new CallbackError('queue_failed', { message: 'the queue did not accept the event in time' });
    try {
      if (!this.#open) await deadline.wait(this.ready(), tooLate);
      const accepted = this.#queue.enqueue(event, { timeoutMs: deadline.remainingMs });
      if (isThenable(accepted)) await deadline.wait(accepted, tooLate);
    } catch (thrown) {
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  /** Whether accepted events are lost when the process ends. */
  get isVolatile(): boolean {
    return this.#queue.idle !== undefined;
  }

  /** Resolves when the process may end without losing an accepted event. */
  async idle(): Promise<void> {
    await this.#queue.idle?.();
  }

  workers(): Workers {
    const { workers, assist } = this.#queue.stats();
    return { master: workers, assistActive: assist };
  }

  stats(): QueueStats {
    return this.#queue.stats();
  }

  /** Closes the queue once; later calls get the first one's result. */
  close(options: CloseOptions): Promise<CloseResult> {
    this.#closing ??= this.#queue.close(options);
    return this.#closing;
  }
}
