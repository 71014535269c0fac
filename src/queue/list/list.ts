/** The queue on a list that several processes share, also with the Go package `qcloud_im_callback`. */

import { settledWithin, within } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import { type Timer, timerMs, unref } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import {
  CLOSE_TIMEOUT_MS,
  type CloseOptions,
  type CloseResult,
  type EnqueueOptions,
  type EventConsumer,
  type EventQueue,
  type QueueStats,
} from '../queue.js';
import { alreadyStartedError } from '../report.js';
import { isReliableCache, type ListCache } from './cache.js';
import { type ListQueueOptions, type ResolvedListOptions, resolveListOptions } from './options.js';
import { PlainSource } from './plain.js';
import { Pushes } from './pushes.js';
import { ReliableSource } from './reliable.js';
import type { ListSource } from './source.js';
import { ListWorker } from './worker.js';

/** Milliseconds that `open` may take. */
const OPEN_TIMEOUT_MS = 5_000;

/** Milliseconds of each step of `close` after its own time is over. */
const STEP_MS = 500;

/** Milliseconds between two looks at the length of the list. */
const MEASURE_MS = 1_000;

/**
 * A queue on a list of a store that processes share. A callback is answered with 200 once its event is on the
 * list. In reliable mode, the default with `ioredisCache` and `redisCache`, an event is handled at least once,
 * as far as the store keeps what it has confirmed; in plain mode at most once, since a process that crashes
 * loses what it has taken. Either way an enqueue that was refused because it was late may still be stored.
 * @param cache where the list is; `ioredisCache(client)`, `redisCache(client)`, or your own. One for each queue.
 * @throws ConfigurationError `option_invalid`
 */
export function listQueue(cache: ListCache, options: ListQueueOptions): EventQueue {
  const resolved = resolveListOptions(cache, options);
  return new ListQueue(
    cache,
    resolved,
    resolved.reliable && isReliableCache(cache)
      ? new ReliableSource(cache, resolved)
      : new PlainSource(cache, resolved),
  );
}

class ListQueue implements EventQueue {
  readonly #cache: ListCache;
  readonly #options: ResolvedListOptions;
  readonly #source: ListSource;
  readonly #pushes: Pushes;
  #worker: ListWorker | undefined;
  #closed: Promise<CloseResult> | undefined;
  #measuring: Timer | undefined;
  /** Length of the list when it was last known, and less what was taken since. */
  #length = 0;
  #accepted = 0;
  #rejected = 0;

  constructor(cache: ListCache, options: ResolvedListOptions, source: ListSource) {
    this.#cache = cache;
    this.#options = options;
    this.#source = source;
    this.#pushes = new Pushes(cache, options);
  }

  async open(): Promise<void> {
    if (this.#closed !== undefined) throw new CallbackError('closing');
    try {
      await within(this.#source.probe(), OPEN_TIMEOUT_MS);
    } catch (cause) {
      const message = this.#options.reliable
        ? "the list cannot be reached, or its Redis is older than 6.2 and needs mode: 'plain'"
        : 'the list cannot be reached';
      throw new CallbackError('queue_failed', { message, cause });
    }
  }

  start(consumer: EventConsumer): void {
    if (this.#worker !== undefined) {
      throw alreadyStartedError();
    }
    const settings = {
      ...this.#options,
      length: () => this.#measure(),
      taken: (count: number) => {
        this.#length = Math.max(0, this.#length - count);
      },
    };
    this.#worker = new ListWorker(this.#source, settings, consumer);
    // A receiver may be closed while it is still opening.
    if (this.#closed !== undefined) return;
    this.#worker.start();
    this.#measureLater();
  }

  async enqueue(event: AnyCallbackEvent, options: EnqueueOptions = {}): Promise<void> {
    try {
      if (this.#closed !== undefined) throw new CallbackError('closing');
      const length = await this.#pushes.push(JSON.stringify(event), options);
      if (typeof length === 'number') this.#length = length;
    } catch (thrown) {
      this.#rejected += 1;
      throw thrown;
    }
    this.#accepted += 1;
  }

  stats(): QueueStats {
    const worker = this.#worker;
    const now = this.#options.now();
    const head = this.#length > 0 ? this.#source.headReceivedAt : undefined;
    const oldest = Math.min(head ?? now, worker?.oldestReceivedAt ?? now);
    return {
      queued: this.#length + this.#source.delayed,
      active: worker?.active ?? 0,
      workers: this.#options.workers,
      assist: 0,
      accepted: this.#accepted,
      completed: worker?.completed ?? 0,
      failed: worker?.failed ?? 0,
      retried: worker?.retried ?? 0,
      rejected: this.#rejected,
      dead: worker?.dead ?? 0,
      oldestAgeMs: now - oldest,
    };
  }

  close(options: CloseOptions = {}): Promise<CloseResult> {
    this.#closed ??= this.#close(timerMs(options.timeoutMs, CLOSE_TIMEOUT_MS));
    return this.#closed;
  }

  /** Each step has its time, since every one of them may find the store away. */
  async #close(timeoutMs: number): Promise<CloseResult> {
    const worker = this.#worker;
    if (worker === undefined) {
      await settledWithin(this.#free(), STEP_MS);
      return { drained: 0, remaining: [], timedOut: false };
    }
    const ended = () => worker.completed + worker.dead;
    const before = ended();
    const drained = await settledWithin(worker.drain(), timeoutMs);
    const result = { drained: ended() - before, remaining: [], timedOut: !drained };
    clearTimeout(this.#measuring);
    // A wait that ends by itself takes no event with it.
    const stopped = await settledWithin(worker.stop(), STEP_MS);
    await settledWithin(this.#free(), STEP_MS);
    await settledWithin(this.#source.leave(stopped), STEP_MS);
    await settledWithin(this.#measure(), STEP_MS);
    return result;
  }

  async #free(): Promise<void> {
    await this.#cache.close?.();
  }

  async #measure(): Promise<number> {
    this.#length = await this.#cache.llen(this.#options.key);
    return this.#length;
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
