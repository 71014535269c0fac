/** The queue that keeps events in the memory of one process; what a receiver uses unless told otherwise. */

import { EntrySet, type Listed } from '../../base/entry-set.js';
import { CallbackError, type CallbackErrorOptions } from '../../base/errors.js';
import { type Timer, timerMs } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { Run } from '../attempt.js';
import { KeyOrder } from '../order.js';
import { WorkerPool } from '../pool/worker-pool.js';
import {
  CLOSE_TIMEOUT_MS,
  type CloseOptions,
  type CloseResult,
  type EnqueueOptions,
  type EventConsumer,
  type EventQueue,
  type QueueStats,
} from '../queue.js';
import { alreadyServes, handDead, tell } from '../report.js';
import { type MemoryQueueOptions, type ResolvedMemoryOptions, resolveMemoryOptions } from './options.js';
import { Waiters } from './waiters.js';

/** A queue whose workers can be counted. */
export interface MemoryQueue extends EventQueue {
  /** Workers that are always there, and those that were added under load and are alive now. */
  workers(): { master: number; assistActive: number };
  idle(): Promise<void>;
}

/**
 * A bounded queue in memory. What it accepted is done, retried, or handed back by `close`; a crash loses it.
 * @throws ConfigurationError `option_invalid`
 */
export function memoryQueue(options: MemoryQueueOptions = {}): MemoryQueue {
  return new PooledQueue(resolveMemoryOptions(options));
}

/** An event that was accepted, or waits for being accepted. */
interface Entry extends Listed<Entry> {
  readonly event: AnyCallbackEvent;
  readonly key: string | undefined;
  attempt: number;
  /** Its run, while it has one. */
  run: Run | undefined;
  /** Its last wait for a retry. */
  timer: Timer | undefined;
}

const NOTHING_YET = { run: undefined, timer: undefined, link: undefined } as const;

/*
 * What is accepted ends exactly once:
 *
 *   accepted → run ─→ completed
 *               ↑ └─→ failed ──→ dead               no attempt left
 *               └─ back-off ←──┘
 *
 *   and from everywhere but the ends → handed back  when close is over; what still runs is ignored then
 *
 * Invariant: `unfinished` holds what was accepted and has not ended. While an enqueue waits the pool is
 * full: whenever a place becomes free (`#ended`) it goes to who waits, before anybody else can ask.
 */
class PooledQueue implements MemoryQueue {
  readonly #options: ResolvedMemoryOptions;
  readonly #pool: WorkerPool<Entry>;
  readonly #order = new KeyOrder<Entry>();
  readonly #waiters = new Waiters<Entry>();
  /** In order of acceptance. */
  readonly #unfinished = new EntrySet<Entry>();
  #started = false;
  #closed: Promise<CloseResult> | undefined;
  /** Ends `close`; set when it has begun. */
  #allDone: (() => void) | undefined;
  /** Those who wait until nothing is left to do. */
  #idleWaiters: (() => void)[] = [];
  #handedBack = false;
  #accepted = 0;
  #completed = 0;
  #failed = 0;
  #retried = 0;
  #rejected = 0;
  #dead = 0;

  constructor(options: ResolvedMemoryOptions) {
    this.#options = options;
    this.#pool = new WorkerPool(options.limits, (entry) => this.#ended(entry));
  }

  async open(): Promise<void> {
    if (this.#closed !== undefined) throw new CallbackError('closing');
  }

  start(consumer: EventConsumer): void {
    if (this.#started) {
      throw alreadyServes();
    }
    this.#started = true;
    // Also after `close`, since a receiver may be closed while it is still opening: nothing is listed then.
    this.#pool.start((entry) => this.#run(consumer, entry));
  }

  enqueue(event: AnyCallbackEvent, options: EnqueueOptions = {}): void | Promise<void> {
    if (this.#closed !== undefined) throw this.#refusal('closing');
    if (options.signal?.aborted) {
      throw this.#refusal('queue_failed', { message: 'nobody waits for the answer any more' });
    }
    const entry = { event, key: this.#keyOf(event), attempt: 0, ...NOTHING_YET };
    if (!this.#pool.full) return this.#accept(entry);
    if (!this.#options.waits) throw this.#refusal('queue_full');
    return this.#waiters.wait(entry, options, () => this.#refusal('queue_full'));
  }

  workers(): { master: number; assistActive: number } {
    return { master: this.#options.limits.workers, assistActive: this.#pool.assist };
  }

  stats(): QueueStats {
    const oldest = this.#unfinished.first;
    const now = this.#options.now();
    return {
      queued: this.#pool.waiting,
      active: this.#pool.busy,
      workers: this.#options.limits.workers,
      assist: this.#pool.assist,
      accepted: this.#accepted,
      completed: this.#completed,
      failed: this.#failed,
      retried: this.#retried,
      rejected: this.#rejected,
      dead: this.#dead,
      oldestAgeMs: Math.max(0, now - (oldest?.event.receivedAt.getTime() ?? now)),
    };
  }

  async idle(): Promise<void> {
    if (this.#unfinished.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  close(options: CloseOptions = {}): Promise<CloseResult> {
    this.#closed ??= this.#drain(timerMs(options.timeoutMs, CLOSE_TIMEOUT_MS));
    return this.#closed;
  }

  #drain(timeoutMs: number): Promise<CloseResult> {
    const doneBefore = this.#completed + this.#dead;
    return new Promise((resolve) => {
      const finish = (timedOut: boolean) => {
        clearTimeout(timer);
        this.#pool.stop();
        const drained = this.#completed + this.#dead - doneBefore;
        resolve({ drained, remaining: this.#handBack(), timedOut });
      };
      // Not unref'ed: whoever awaits the result, to keep what is handed back, must get it.
      const timer = setTimeout(() => finish(true), timeoutMs);
      this.#allDone = () => finish(false);
      this.#waiters.end(() => this.#refusal('closing'));
      if (!this.#started || this.#unfinished.size === 0) finish(false);
    });
  }

  /** Gives up everything that has not ended. */
  #handBack(): AnyCallbackEvent[] {
    this.#handedBack = true;
    const events: AnyCallbackEvent[] = [];
    for (let entry = this.#unfinished.take(); entry !== undefined; entry = this.#unfinished.take()) {
      clearTimeout(entry.timer);
      entry.run?.abort();
      events.push(entry.event);
    }
    this.#tellIdle();
    return events;
  }

  #keyOf(event: AnyCallbackEvent): string | undefined {
    try {
      return this.#options.orderBy(event);
    } catch (cause) {
      throw this.#refusal('queue_failed', { message: 'orderBy threw', cause });
    }
  }

  #refusal(code: 'queue_full' | 'queue_failed' | 'closing', options?: CallbackErrorOptions): CallbackError {
    this.#rejected += 1;
    return new CallbackError(code, options);
  }

  /** Needs a free place. */
  #accept(entry: Entry): void {
    this.#accepted += 1;
    this.#unfinished.add(entry);
    if (entry.key === undefined || this.#order.enter(entry.key, entry)) this.#pool.offer(entry);
    else this.#pool.hold();
  }

  /** One run; true when there will be another. */
  async #run(consumer: EventConsumer, entry: Entry): Promise<boolean> {
    entry.attempt += 1;
    if (entry.attempt > 1) this.#retried += 1;
    entry.run = new Run(entry.attempt);
    try {
      await consumer.consume(entry.event, entry.run);
    } catch (thrown) {
      return !this.#handedBack && this.#fail(consumer, entry, CallbackError.from(thrown, 'handler_failed'));
    } finally {
      entry.run = undefined;
    }
    if (!this.#handedBack) this.#completed += 1;
    return false;
  }

  #fail(consumer: EventConsumer, entry: Entry, error: CallbackError): boolean {
    const { event, attempt } = entry;
    const again = attempt < this.#options.attempts;
    this.#failed += 1;
    if (again) this.#retryLater(entry);
    else this.#dead += 1;
    tell(consumer, { kind: again ? 'retry' : 'dead', error, event, attempt });
    if (!again) handDead(this.#options.onDead, error, event, attempt, (problem) => tell(consumer, problem));
    return again;
  }

  #retryLater(entry: Entry): void {
    // Not unref'ed: the timer stands for accepted work, and a process that ends here would lose it.
    entry.timer = setTimeout(() => this.#pool.resume(entry), this.#options.backoff(entry.attempt));
  }

  #ended(entry: Entry): void {
    // Not there any more: it was handed back, and with it those behind it.
    if (!this.#unfinished.delete(entry)) return;
    const successor = entry.key === undefined ? undefined : this.#order.leave(entry.key);
    if (successor !== undefined) this.#pool.resume(successor);
    const waiter = this.#waiters.next();
    if (waiter !== undefined) this.#accept(waiter);
    if (this.#unfinished.size > 0) return;
    this.#tellIdle();
    this.#allDone?.();
  }

  #tellIdle(): void {
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
