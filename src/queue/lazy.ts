/** A queue that is opened by whoever needs it first, and again after an opening that failed. */

import { settledWithin } from '../base/bounded-wait.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { Bounds, EventKeeper, KeeperHealth, QueueHealth } from './keeper.js';
import {
  type CloseOptions,
  type CloseResult,
  closeMs,
  type EnqueueOptions,
  type EventConsumer,
  type EventQueue,
  type QueueStats,
} from './queue.js';

/** How much longer than its time the closing of a queue is waited for, in milliseconds. */
export const CLOSE_GRACE_MS = 40;

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
  #failure: { readonly since: Date; readonly reason: string } | undefined;

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
      this.#works();
    } catch (thrown) {
      this.#opening = undefined;
      this.#failed(thrown);
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  enqueue(event: AnyCallbackEvent, bounds: Bounds): void | Promise<void> {
    return this.#open ? this.#enqueue(event, bounds) : this.#openFirst(event, bounds);
  }

  #enqueue(event: AnyCallbackEvent, bounds: Bounds): void | Promise<void> {
    try {
      const accepted = this.#queue.enqueue(event, optionsOf(bounds));
      if (isThenable(accepted)) accepted.then(this.#works, this.#failed);
      else this.#works();
      return accepted;
    } catch (thrown) {
      this.#failed(thrown);
      throw thrown;
    }
  }

  readonly #works = (): void => {
    this.#failure = undefined;
  };

  readonly #failed = (thrown: unknown): void => {
    const { code, message } = CallbackError.from(thrown, 'queue_failed');
    if (code === 'queue_full' || code === 'closing') return;
    this.#failure = { since: this.#failure?.since ?? new Date(), reason: message };
  };

  async #openFirst(event: AnyCallbackEvent, bounds: Bounds): Promise<void> {
    await this.ready();
    // Its request has been answered: the event was refused.
    if (bounds.leftMs() === 0) throw tooLate();
    await this.#enqueue(event, bounds);
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

  health(): KeeperHealth {
    return { queue: this.#health(), fallbackInUse: false };
  }

  #health(): QueueHealth {
    const { failing = this.#failure, details } = this.#queue.health?.() ?? {};
    const opened = this.#open;
    const working = opened ? 'open' : 'opening';
    return {
      state: this.#closing !== undefined ? 'closed' : failing === undefined ? working : 'failing',
      opened,
      ...failing,
      ...(details === undefined ? {} : { details }),
    };
  }

  /** @param patienceMs How long the queue is waited for, in milliseconds. Defaults to the time that it is given. */
  close(options: CloseOptions, patienceMs?: number): Promise<CloseResult> {
    const ms = closeMs(options);
    this.#closing ??= this.#close(ms, patienceMs ?? ms);
    return this.#closing;
  }

  /** A queue that takes longer than it may is left to close behind this. */
  async #close(timeoutMs: number, patienceMs: number): Promise<CloseResult> {
    const before = this.#queue.stats();
    const closed = this.#queue.close({ timeoutMs });
    if (await settledWithin(closed, patienceMs + CLOSE_GRACE_MS)) return closed;
    const { completed, dead } = this.#queue.stats();
    return { drained: completed + dead - before.completed - before.dead, remaining: [], timedOut: true };
  }
}

/** The bounds of an event that has so many milliseconds from now. */
export function boundsOf(ms: number): Bounds {
  const until = performance.now() + ms;
  return { leftMs: () => Math.max(0, until - performance.now()) };
}

function optionsOf({ leftMs }: Bounds): EnqueueOptions {
  return { timeoutMs: leftMs() };
}

/** The time of an event was over before a queue had it. */
export function tooLate(): CallbackError {
  return new CallbackError('queue_failed', { message: 'the queue did not accept the event in time' });
}
