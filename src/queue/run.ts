/** Runs events in this process. The one place that decides on attempts, pauses, order, abort and dead letters. */

import { EntrySet, type Listed } from '../base/entry-set.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { Timer } from '../base/timers.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { putAtRest } from '../protocol/received-event.js';
import { Run } from './attempt.js';
import { KeyOrder } from './order.js';
import { Outcomes } from './outcomes.js';
import { type PoolLimits, WorkerPool } from './pool/worker-pool.js';
import type { EventConsumer, QueueStats } from './queue.js';
import type { ResolvedRunOptions } from './run-options.js';

/** An event that was taken, and has not ended. */
export interface Entry<Item> extends Listed<Entry<Item>> {
  /** What the tier knows it by. */
  readonly item: Item;
  readonly event: AnyCallbackEvent;
  readonly key: string | undefined;
  /** Runs that have begun; those of earlier processes count. */
  attempt: number;
  /** Its run, while a handler has it. */
  run: Run | undefined;
  /** Ends its pause before a retry. */
  timer: Timer | undefined;
  /** Whether it is done or dead, though its owner may still be writing that down. */
  over: boolean;
}

/**
 * The tier that keeps the events: it is told what becomes of them. None of these may throw or reject; where one gives
 * a promise, the worker takes no other event before it has resolved.
 */
export interface RunsOwner<Item> {
  /** A run ended well. */
  completed?(entry: Entry<Item>): void | Promise<void>;
  /** A run failed, and another follows after a pause. */
  failed?(entry: Entry<Item>): void | Promise<void>;
  /** The last run failed. */
  dead?(entry: Entry<Item>, error: CallbackError): void | Promise<void>;
  /** All that was to be done for it has been done, and its place is free. Not called for what `stop` gave up. */
  ended(entry: Entry<Item>): void;
}

/*
 *   taken → run ─→ completed ─────────→ ended
 *            ↑ └─→ failed ──→ dead ───→ ended     no attempt left
 *            └── pause ←─┘
 *
 * `stop` gives up whatever has not ended; how a handler ends that still runs then makes no difference.
 *
 * Invariant: `entries` holds what was taken and has not ended.
 */
export class EventRuns<Item> {
  readonly outcomes: Outcomes;
  readonly #options: ResolvedRunOptions;
  readonly #owner: RunsOwner<Item>;
  readonly #pool: WorkerPool<Entry<Item>>;
  readonly #order = new KeyOrder<Entry<Item>>();
  /** In the order in which they were taken. */
  readonly #entries = new EntrySet<Entry<Item>>();
  /** Those who wait in `idle`. */
  #idleWaiters: (() => void)[] = [];
  #stopped = false;

  constructor(options: ResolvedRunOptions, limits: Omit<PoolLimits, 'workers'>, owner: RunsOwner<Item>) {
    this.#options = options;
    this.#owner = owner;
    this.outcomes = new Outcomes(options.onDead);
    this.#pool = new WorkerPool({ ...limits, workers: options.workers }, (entry) => this.#ended(entry));
  }

  /** Events that were taken and have not ended. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is no place for another event. */
  get full(): boolean {
    return this.#pool.full;
  }

  /** Figures of what was taken, and what the outcomes count. */
  get stats(): QueueStats {
    const now = this.#options.now();
    return {
      queued: this.#pool.waiting,
      active: this.#pool.busy,
      workers: this.#options.workers,
      assist: this.#pool.assist,
      ...this.outcomes.counts,
      oldestAgeMs: Math.max(0, now - (this.#entries.first?.event.receivedAt.getTime() ?? now)),
    };
  }

  /** Lets the workers begin. What was taken before waits until then. */
  start(consumer: EventConsumer): void {
    this.outcomes.listen(consumer);
    this.#pool.start((entry) => this.#run(consumer, entry));
  }

  /** @throws CallbackError `queue_failed` when `orderBy` does. */
  keyOf(event: AnyCallbackEvent): string | undefined {
    try {
      return this.#options.orderBy(event);
    } catch (cause) {
      throw new CallbackError('queue_failed', { message: 'orderBy threw', cause });
    }
  }

  /**
   * Takes an event. `false`: there is no place for it.
   * @param key what `keyOf` gave for it.
   * @param attempt Runs that failed in earlier processes. Defaults to 0.
   */
  take(item: Item, event: AnyCallbackEvent, key: string | undefined, attempt = 0): boolean {
    if (this.#pool.full) return false;
    const entry: Entry<Item> = {
      item,
      event,
      key,
      attempt,
      run: undefined,
      timer: undefined,
      over: false,
      link: undefined,
    };
    this.#entries.add(entry);
    const { waiting } = this.#pool;
    const mayRun = key === undefined || this.#order.enter(key, entry);
    if (mayRun) this.#pool.offer(entry);
    else this.#pool.hold();
    if (!mayRun || this.#pool.waiting > waiting) putAtRest(event);
    return true;
  }

  /** Resolves when nothing is left to do, or at `stop`. */
  async idle(): Promise<void> {
    if (this.#entries.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  /** Begins nothing any more, and asks running handlers to stop. Gives what is neither done nor dead, oldest first. */
  stop(): Entry<Item>[] {
    this.#stopped = true;
    this.#pool.stop();
    const left: Entry<Item>[] = [];
    for (let entry = this.#entries.take(); entry !== undefined; entry = this.#entries.take()) {
      clearTimeout(entry.timer);
      entry.run?.abort();
      if (!entry.over) left.push(entry);
    }
    this.#tellIdle();
    return left;
  }

  /** One run; true when there will be another. */
  async #run(consumer: EventConsumer, entry: Entry<Item>): Promise<boolean> {
    entry.attempt += 1;
    if (entry.attempt > 1) this.outcomes.retried += 1;
    entry.run = new Run(entry.attempt);
    try {
      await consumer.consume(entry.event, entry.run);
    } catch (thrown) {
      return !this.#stopped && (await this.#fail(entry, CallbackError.from(thrown, 'handler_failed')));
    } finally {
      entry.run = undefined;
    }
    if (this.#stopped) return false;
    entry.over = true;
    this.outcomes.completed += 1;
    const settling = this.#owner.completed?.(entry);
    if (isThenable(settling)) await settling;
    return false;
  }

  async #fail(entry: Entry<Item>, error: CallbackError): Promise<boolean> {
    const again = entry.attempt < this.#options.attempts;
    entry.over = !again;
    this.outcomes.runFailed(entry.event, entry.attempt, error, again);
    await (again ? this.#owner.failed?.(entry) : this.#owner.dead?.(entry, error));
    // `stop` may have been called meanwhile.
    if (!again || this.#stopped) return false;
    putAtRest(entry.event);
    // Not unref'ed: the timer stands for accepted work, and a process that ends here would lose it.
    entry.timer = setTimeout(() => this.#pool.resume(entry), this.#options.backoff(entry.attempt));
    return true;
  }

  #ended(entry: Entry<Item>): void {
    // `stop` has given it up, and those that wait behind it.
    if (!this.#entries.delete(entry)) return;
    const successor = entry.key === undefined ? undefined : this.#order.leave(entry.key);
    if (successor !== undefined) this.#pool.resume(successor);
    this.#owner.ended(entry);
    if (this.#entries.size === 0) this.#tellIdle();
  }

  #tellIdle(): void {
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
