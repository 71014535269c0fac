/** The events of the disk queue that are in memory: runs them, again after failures, and says what to write. */

import { EntrySet, type Listed } from '../../base/entry-set.js';
import { CallbackError } from '../../base/errors.js';
import type { Timer } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { Run } from '../attempt.js';
import { KeyOrder } from '../order.js';
import { WorkerPool } from '../pool/worker-pool.js';
import type { EventConsumer, QueueProblem } from '../queue.js';
import { handDead } from '../report.js';
import type { ResolvedDiskOptions } from './options.js';
import { deadText, invalidText, waitingFrom, waitingText } from './record.js';
import { type Change, put, type Row, remove } from './store.js';

/** Most events that wait in memory; the others wait on disk. */
export const WINDOW_EVENTS = 1_000;

/** Characters of stored text above which no further event is taken into memory. */
export const WINDOW_CHARS = 32 * 1024 * 1024;

/** An event on its way into memory. */
export interface Loaded {
  readonly number: number;
  readonly event: AnyCallbackEvent;
  /** Runs that failed in earlier processes. */
  readonly attempts: number;
  /** Characters of its stored text. */
  readonly size: number;
}

/** What the runs need from the queue. None may throw. */
export interface RunsOwner {
  /** Writes what has become of an event. */
  settle(number: number, changes: readonly Change[]): void;
  /** An event has left the memory. */
  ended(): void;
  tell(problem: QueueProblem): void;
}

interface Entry extends Listed<Entry> {
  readonly number: number;
  readonly event: AnyCallbackEvent;
  readonly key: string | undefined;
  readonly size: number;
  attempt: number;
  /** Its run, while it has one. */
  run: Run | undefined;
  /** Its last wait for a retry. */
  timer: Timer | undefined;
}

/*
 *   taken → run ─→ completed                   the row is removed
 *            ↑ └─→ failed ──→ dead             the row is put aside
 *            └─ back-off ←──┘                  the row counts the failure
 *
 *   and from everywhere but the ends → forgotten by `stop`: the row stays and runs in the next process
 */
export class DiskRuns {
  readonly #options: ResolvedDiskOptions;
  readonly #owner: RunsOwner;
  readonly #pool: WorkerPool<Entry>;
  readonly #order = new KeyOrder<Entry>();
  /** In the order in which they were taken. */
  readonly #entries = new EntrySet<Entry>();
  #chars = 0;
  #stopped = false;
  completed = 0;
  failed = 0;
  retried = 0;
  dead = 0;

  constructor(options: ResolvedDiskOptions, owner: RunsOwner) {
    this.#options = options;
    this.#owner = owner;
    const limits = { workers: options.workers, capacity: WINDOW_EVENTS, assistMax: 0, idleMs: 0 };
    this.#pool = new WorkerPool(limits, (entry) => this.#ended(entry));
  }

  /** Events in memory. */
  get size(): number {
    return this.#entries.size;
  }

  /** Events whose last run is over. */
  get done(): number {
    return this.completed + this.dead;
  }

  /** Those that a worker has. */
  get active(): number {
    return this.#pool.busy;
  }

  /** Those that none has. */
  get waiting(): number {
    return this.#pool.waiting;
  }

  /** The one that was taken first. */
  get oldest(): AnyCallbackEvent | undefined {
    return this.#entries.first?.event;
  }

  /** How many events may be taken. */
  get room(): number {
    if (this.#stopped || this.#chars >= WINDOW_CHARS) return 0;
    return WINDOW_EVENTS + this.#options.workers - this.#entries.size;
  }

  /** How many rows may be loaded. None before many fit, so that one read brings them. */
  get roomForRows(): number {
    return this.room < WINDOW_EVENTS / 2 ? 0 : this.room;
  }

  start(consumer: EventConsumer): void {
    this.#pool.start((entry) => this.#run(consumer, entry));
  }

  /** Takes an event; needs `room`. */
  take({ number, event, attempts, size }: Loaded): void {
    const key = this.#keyOf(event);
    const none = { run: undefined, timer: undefined, link: undefined };
    const entry: Entry = { number, event, key, size, attempt: attempts, ...none };
    this.#entries.add(entry);
    this.#chars += size;
    if (key === undefined || this.#order.enter(key, entry)) this.#pool.offer(entry);
    else this.#pool.hold();
  }

  /** Takes an event that an earlier process, or a fuller memory, has left on disk. Needs `room`. */
  load({ number, text }: Row, consumer: EventConsumer): void {
    try {
      const { item, attempts } = waitingFrom(text);
      const event = consumer.decode(item);
      this.take({ number, event, attempts, size: text.length });
    } catch (thrown) {
      const error = CallbackError.from(thrown, 'body_not_json');
      const aside = invalidText(text, error, this.#options.now());
      this.#owner.settle(number, [remove('event', number), put('invalid', number, aside)]);
      this.#owner.tell({ kind: 'invalid', error });
    }
  }

  /** Forgets all events, asks running handlers to stop, and ignores what comes of them. */
  stop(): void {
    this.#stopped = true;
    this.#pool.stop();
    for (let entry = this.#entries.take(); entry !== undefined; entry = this.#entries.take()) {
      clearTimeout(entry.timer);
      entry.run?.abort();
    }
  }

  /** It was asked before the event was accepted; an event of an earlier process may meet another function. */
  #keyOf(event: AnyCallbackEvent): string | undefined {
    try {
      return this.#options.orderBy(event);
    } catch (cause) {
      const error = new CallbackError('queue_failed', { message: 'orderBy threw', cause });
      this.#owner.tell({ kind: 'store', error, event });
      return undefined;
    }
  }

  /** One run; true when there will be another. */
  async #run(consumer: EventConsumer, entry: Entry): Promise<boolean> {
    entry.attempt += 1;
    if (entry.attempt > 1) this.retried += 1;
    entry.run = new Run(entry.attempt);
    try {
      await consumer.consume(entry.event, entry.run);
    } catch (thrown) {
      return !this.#stopped && this.#fail(entry, CallbackError.from(thrown, 'handler_failed'));
    } finally {
      entry.run = undefined;
    }
    if (this.#stopped) return false;
    this.completed += 1;
    this.#owner.settle(entry.number, [remove('event', entry.number)]);
    return false;
  }

  #fail(entry: Entry, error: CallbackError): boolean {
    const { number, event, attempt } = entry;
    const again = attempt < this.#options.attempts;
    this.failed += 1;
    if (again) {
      this.#owner.settle(number, [put('event', number, waitingText(event, attempt))]);
      // Not unref'ed: a process that has nothing else to do should still do its work.
      entry.timer = setTimeout(() => this.#pool.resume(entry), this.#options.backoff(attempt));
    } else {
      this.dead += 1;
      const text = deadText(event, attempt, error, this.#options.now());
      this.#owner.settle(number, [remove('event', number), put('dead', number, text)]);
    }
    this.#owner.tell({ kind: again ? 'retry' : 'dead', error, event, attempt });
    if (!again) handDead(this.#options.onDead, error, event, attempt, (problem) => this.#owner.tell(problem));
    return again;
  }

  #ended(entry: Entry): void {
    // Not there any more: it was forgotten.
    if (!this.#entries.delete(entry)) return;
    this.#chars -= entry.size;
    const successor = entry.key === undefined ? undefined : this.#order.leave(entry.key);
    if (successor !== undefined) this.#pool.resume(successor);
    this.#owner.ended();
  }
}
