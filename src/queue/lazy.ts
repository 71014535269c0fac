/** A queue that is opened by whoever needs it first, and again after an opening that failed. */

import { CallbackError } from '../base/errors.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { Bounds, EventKeeper } from './keeper.js';
import type {
  CloseOptions,
  CloseResult,
  EnqueueOptions,
  EventConsumer,
  EventQueue,
  QueueStats,
} from './queue.js';

/**
 * States: closed → opening → open; a failed opening goes back to closed, and the next event or `ready()` tries
 * again. Once `close` was called nothing is opened any more.
 */
export class LazyQueue implements EventKeeper {
  readonly #queue: EventQueue;
  readonly #consumer: EventConsumer;
  #opening: Promise<void> | undefined;
  #open = false;
  #closing: Promise<CloseResult> | undefined;

  constructor(queue: EventQueue, consumer: EventConsumer) {
    this.#queue = queue;
    this.#consumer = consumer;
  }

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

  enqueue(event: AnyCallbackEvent, bounds: Bounds): void | Promise<void> {
    return this.#open ? this.#queue.enqueue(event, optionsOf(bounds)) : this.#openFirst(event, bounds);
  }

  async #openFirst(event: AnyCallbackEvent, bounds: Bounds): Promise<void> {
    await this.ready();
    // Whoever waited was told that the event is not accepted.
    if (bounds.leftMs() === 0) throw tooLate();
    await this.#queue.enqueue(event, optionsOf(bounds));
  }

  get isVolatile(): boolean {
    return this.#queue.idle !== undefined;
  }

  async idle(): Promise<void> {
    await this.#queue.idle?.();
  }

  stats(): QueueStats {
    return this.#queue.stats();
  }

  close(options: CloseOptions): Promise<CloseResult> {
    this.#closing ??= this.#queue.close(options);
    return this.#closing;
  }
}

function optionsOf({ leftMs }: Bounds): EnqueueOptions {
  return { timeoutMs: leftMs() };
}

/** The time of an event was over before a queue had it. */
export function tooLate(): CallbackError {
  return new CallbackError('queue_failed', { message: 'the queue did not accept the event in time' });
}
