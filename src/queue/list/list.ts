/** The queue on a list that several processes share, also with the Go package `qcloud_im_callback`. */

import { settledWithin, within } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import { type Timer, unref } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import {
  alreadyStartedError,
  type CloseOptions,
  type CloseResult,
  closeMs,
  type EnqueueOptions,
  type EventConsumer,
  type EventQueue,
  type QueueStats,
} from '../queue.js';
import type { ListCache } from './cache.js';
import { type ListQueueOptions, type ResolvedListOptions, resolveListOptions } from './options.js';
import { Pushes } from './pushes.js';
import { ListTaker } from './taker.js';

/** Milliseconds that `open` may take. */
const OPEN_TIMEOUT_MS = 5_000;

/** The share of the time of `close` that is for giving back what is not done, and its most and least milliseconds. */
const GIVE_BACK = { share: 0.1, maxMs: 500, minMs: 25 } as const;

/** Milliseconds that a wait in the store may end late. */
const LATE_MS = 500;

/** Milliseconds between two looks at the length of the list. */
const MEASURE_MS = 1_000;

/** Milliseconds that `close` waits for the last look. */
const LAST_MEASURE_MS = 100;

/**
 * A queue on a list of a store that processes share. A callback is answered with 200 once its event is on the list.
 * Each event is handed over at most once: what a process has taken is lost when it is killed. Who needs
 * at-least-once on Redis takes `bullmqQueue`.
 *
 * `close` takes no more, and within the last tenth of its time puts back what is not done. An enqueue that was
 * refused because it was late may still be stored.
 * @param cache where the list is; `ioredisCache(client)`, `redisCache(client)`, or your own. One for each queue.
 * @throws ConfigurationError `option_invalid`
 */
export function listQueue(cache: ListCache, options: ListQueueOptions): EventQueue {
  return new ListQueue(cache, resolveListOptions(cache, options));
}

class ListQueue implements EventQueue {
  readonly #cache: ListCache;
  readonly #options: ResolvedListOptions;
  readonly #pushes: Pushes;
  readonly #taker: ListTaker;
  #started = false;
  #closed: Promise<CloseResult> | undefined;
  #measuring: Timer | undefined;

  constructor(cache: ListCache, options: ResolvedListOptions) {
    this.#cache = cache;
    this.#options = options;
    this.#pushes = new Pushes(cache, options);
    this.#taker = new ListTaker(cache, options);
  }

  async open(): Promise<void> {
    if (this.#closed !== undefined) throw new CallbackError('closing');
    try {
      await within(this.#measure(), OPEN_TIMEOUT_MS);
    } catch (cause) {
      throw new CallbackError('queue_failed', { message: 'the list cannot be reached', cause });
    }
  }

  start(consumer: EventConsumer): void {
    if (this.#started) throw alreadyStartedError();
    this.#started = true;
    // A receiver may be closed while it is still opening.
    if (this.#closed !== undefined) return;
    this.#taker.start(consumer);
    this.#measureLater();
  }

  async enqueue(event: AnyCallbackEvent, options: EnqueueOptions = {}): Promise<void> {
    try {
      if (this.#closed !== undefined) throw new CallbackError('closing');
      this.#taker.pushed(await this.#pushes.push(JSON.stringify(event), options));
    } catch (thrown) {
      this.#taker.runs.outcomes.rejected += 1;
      throw thrown;
    }
    this.#taker.runs.outcomes.accepted += 1;
  }

  stats(): QueueStats {
    const stats = this.#taker.runs.stats;
    return { ...stats, queued: this.#taker.length + stats.queued };
  }

  close(options?: CloseOptions): Promise<CloseResult> {
    this.#closed ??= this.#close(closeMs(options));
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<CloseResult> {
    const end = performance.now() + timeoutMs;
    const leftMs = (): number => end - performance.now();
    const taker = this.#taker;
    const { outcomes } = taker.runs;
    const before = outcomes.done;
    clearTimeout(this.#measuring);
    taker.quit();
    const reservedMs = Math.min(Math.max(timeoutMs * GIVE_BACK.share, GIVE_BACK.minMs), GIVE_BACK.maxMs);
    // At least the moment in which it shows that nothing is left to do.
    const inTime = await settledWithin(taker.drained(), Math.max(timeoutMs - reservedMs, 1));
    const remaining = await taker.leave(Math.max(leftMs(), GIVE_BACK.minMs));
    const drained = outcomes.done - before;
    // What the list says of itself: replies on two connections come in any order, so that a count of them is a guess.
    if (this.#started) await settledWithin(this.#measure(), Math.min(leftMs(), LAST_MEASURE_MS));
    await settledWithin(this.#free(), leftMs());
    return { drained, remaining, timedOut: !inTime };
  }

  /** Not before a wait in the store has ended, when time is over too: an item may come to it, and would be lost. */
  async #free(): Promise<void> {
    const quiet = Promise.all([this.#taker.quiet(), this.#pushes.idle()]);
    await settledWithin(quiet, this.#options.blockMs + LATE_MS);
    await this.#cache.close?.();
  }

  async #measure(): Promise<void> {
    this.#taker.length = await this.#cache.llen(this.#options.key);
  }

  #measureLater(): void {
    this.#measuring = setTimeout(async () => {
      // Whether the store is there is told by those who need it.
      await settledWithin(this.#measure(), MEASURE_MS);
      if (this.#closed === undefined) this.#measureLater();
    }, MEASURE_MS);
    unref(this.#measuring);
  }
}
