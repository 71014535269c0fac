/** Runs events in this process. The one place that decides on attempts, back-off, order, abort and dead letters. */

import { EntrySet, type Listed } from '../base/entry-set.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { Timer } from '../base/timers.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { Run } from './attempt.js';
import { KeyOrder } from './order.js';
import { Outcomes } from './outcomes.js';
import { type PoolLimits, WorkerPool } from './pool/worker-pool.js';
import type { EventConsumer } from './queue.js';
import type { ResolvedRunOptions } from './run-options.js';

/** An event that was taken, and has not ended. */
export interface Entry<Item> extends Listed<Entry<Item>> {
  /** What the tier knows it by. */
  readonly item: Item;
  readonly event: AnyCallbackEvent;
  readonly key: string | undefined;
  /** Runs that have begun; those of earlier processes count. */
  attempt: number;
  /** Its run, while it has one. */
  run: Run | undefined;
  /** Its last wait for a retry. */
  timer: Timer | undefined;
}

/**
 * What a tier does with the fates of its events. None may throw or reject; where one gives a promise, the worker
 * is not free before it has resolved.
 */
export interface RunsOwner<Item> {
  /** The handler has done it. */
  completed?(entry: Entry<Item>): void | Promise<void>;
  /** A run failed, and another follows after a back-off. */
  failed?(entry: Entry<Item>): void | Promise<void>;
  /** The last run failed. */
  dead?(entry: Entry<Item>, error: CallbackError): void | Promise<void>;
  /** Its place is free. */
  ended(entry: Entry<Item>): void;
}

/*
 *   taken → run ─→ completed
 *            ↑ └─→ failed ──→ dead             no attempt left
 *            └─ back-off ←──┘
 *
 *   and from everywhere but the ends → given up by `stop`; what still runs is ignored then
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
  /** Those who wait until nothing is left to do. */
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

  /** Figures of the runs, as `QueueStats` have them. */
  get stats() {
    const { completed, failed, retried, dead } = this.outcomes;
    const now = this.#options.now();
    return {
      queued: this.#pool.waiting,
      active: this.#pool.busy,
      workers: this.#options.workers,
      assist: this.#pool.assist,
      completed,
      failed,
      retried,
      dead,
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
   * Takes an event; needs a place.
   * @param key what `keyOf` gave for it.
   * @param attempt Runs that failed in earlier processes. Defaults to 0.
   */
  take(item: Item, event: AnyCallbackEvent, key: string | undefined, attempt = 0): void {
    const entry: Entry<Item> = {
      item,
      event,
      key,
      attempt,
      run: undefined,
      timer: undefined,
      link: undefined,
    };
    this.#entries.add(entry);
    if (key === undefined || this.#order.enter(key, entry)) this.#pool.offer(entry);
    else this.#pool.hold();
  }

  /** Resolves when nothing is left to do, or at `stop`. */
  async idle(): Promise<void> {
    if (this.#entries.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  /** Ends everything: running handlers are asked to stop and their results ignored. Gives what has not ended. */
  stop(): Entry<Item>[] {
    this.#stopped = true;
    this.#pool.stop();
    const left: Entry<Item>[] = [];
    for (let entry = this.#entries.take(); entry !== undefined; entry = this.#entries.take()) {
      clearTimeout(entry.timer);
      entry.run?.abort();
      left.push(entry);
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
    this.outcomes.completed += 1;
    const settling = this.#owner.completed?.(entry);
    if (isThenable(settling)) await settling;
    return false;
  }

  async #fail(entry: Entry<Item>, error: CallbackError): Promise<boolean> {
    const again = entry.attempt < this.#options.attempts;
    this.outcomes.runFailed(entry.event, entry.attempt, error, again);
    await (again ? this.#owner.failed?.(entry) : this.#owner.dead?.(entry, error));
    // It may have been given up meanwhile.
    if (!again || this.#stopped) return false;
    // Not unref'ed: the timer stands for accepted work, and a process that ends here would lose it.
    entry.timer = setTimeout(() => this.#pool.resume(entry), this.#options.backoff(entry.attempt));
    return true;
  }

  #ended(entry: Entry<Item>): void {
    // Not there any more: it was given up, and with it those behind it.
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
