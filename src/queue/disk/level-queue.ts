/** The life of an event in the disk queue: accepted, in memory or on disk only, and done. */

import { settledWithin, within } from '../../base/bounded-wait.js';
import { CallbackError, ConfigurationError } from '../../base/errors.js';
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
import { EventRuns } from '../run.js';
import { Backlog } from './backlog.js';
import { DeadLetters, type ListOptions, type PutAside } from './dead-letters.js';
import { Failures } from './failures.js';
import { fatesOf, type Loaded, type Stored } from './fates.js';
import { Ledger } from './ledger.js';
import { type ResolvedDiskOptions, STORE_CLOSE_MS, WINDOW_CHARS, WINDOW_EVENTS } from './options.js';
import { type DeadLetter, type InvalidItem, waitingText } from './record.js';
import { type Change, put } from './rows.js';
import { DiskStore } from './store.js';
import { GroupWriter, type Outcome } from './writer.js';

/*
 *   enqueue → writing ─→ in memory ─→ done            written, and there is room: EventRuns
 *                │           ↑
 *                └──→ on disk only                    written, and there is none: Backlog
 *
 * Writes end in the order of their numbers, which is that of `enqueue`.
 */
export class LevelQueue implements EventQueue, PutAside {
  readonly #options: ResolvedDiskOptions;
  readonly #ledger = new Ledger();
  readonly #failures = new Failures();
  readonly #store: DiskStore;
  readonly #writer: GroupWriter;
  readonly #fates: ReturnType<typeof fatesOf>;
  readonly #runs: EventRuns<Stored>;
  readonly #backlog: Backlog;
  readonly #letters: DeadLetters;
  #consumer: EventConsumer | undefined;
  #opening: Promise<void> | undefined;
  #open = false;
  #closed: Promise<CloseResult> | undefined;
  /** Ends the wait of `close`. */
  #allDone: (() => void) | undefined;
  /** Characters of the events in memory. */
  #chars = 0;

  constructor(options: ResolvedDiskOptions) {
    this.#options = options;
    this.#store = new DiskStore(options.dir, this.#ledger, {
      found: this.#failures.damage,
      removed: (cause) => this.#lose(cause),
    });
    this.#writer = new GroupWriter((changes) => this.#commit(changes), this.#failures.add);
    this.#fates = fatesOf(this.#writer, options.run.now);
    this.#runs = new EventRuns(
      options.run,
      { capacity: WINDOW_EVENTS, assistMax: 0, idleMs: 0 },
      { ...this.#fates, ended: ({ item }) => this.#ended(item) },
    );
    this.#backlog = new Backlog(this.#ledger, {
      read: (span) => this.#store.read('event', span),
      room: () => this.#roomForRows,
      loaded: () => this.#checkDone(),
      failed: this.#failures.add,
    });
    this.#letters = new DeadLetters(this.#store, this.#writer, {
      checkUsable: () => this.#checkUsable(),
      consumer: () => this.#consumer,
      revived: (outcome, number) => {
        if (outcome === 'kept') this.#backlog.joined(number);
        this.#checkDone();
      },
    });
  }

  open(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(new CallbackError('closing'));
    this.#opening ??= this.#openStore();
    return this.#opening;
  }

  async #openStore(): Promise<void> {
    try {
      const inventory = await this.#store.open();
      this.#writer.found(inventory.next);
      this.#backlog.found(inventory);
      this.#open = true;
    } catch (thrown) {
      this.#opening = undefined;
      throw thrown;
    }
  }

  start(consumer: EventConsumer): void {
    if (this.#consumer !== undefined) throw alreadyStartedError();
    if (!this.#open) throw new ConfigurationError('option_invalid', 'open the queue before you start it');
    this.#consumer = consumer;
    this.#runs.start(consumer);
    this.#failures.listen((error) => this.#runs.outcomes.tell({ kind: 'store', error }));
    if (this.#closed !== undefined) return;
    this.#backlog.begin((row) => this.#fates.load(row, this.#runs, consumer, this.#take));
  }

  async enqueue(event: AnyCallbackEvent, { timeoutMs }: EnqueueOptions = {}): Promise<void> {
    try {
      this.#checkUsable();
      if (this.#left >= this.#options.bound) throw new CallbackError('queue_full');
      this.#store.checkRoom();
      // Before it is accepted: afterwards nobody waits for the error any more.
      const key = this.#runs.keyOf(event);
      const text = waitingText(event, 0);
      const changes = (number: number) => [put('event', number, text)];
      const ended = (outcome: Outcome, number: number) => {
        if (outcome === 'kept') this.#keep({ number, size: text.length }, event, key);
        if (outcome === 'abandoned') {
          this.#backlog.passed(number);
          this.#fates.abandoned(number);
        }
        this.#checkDone();
      };
      await this.#writer.add({ changes, ended }, timeoutMs);
    } catch (thrown) {
      this.#runs.outcomes.rejected += 1;
      throw thrown;
    }
  }

  stats(): QueueStats {
    const { stats } = this.#runs;
    const { lost, waiting } = this.#ledger;
    return { ...stats, queued: stats.queued + waiting, lost };
  }

  dead(options?: ListOptions): Promise<readonly DeadLetter[]> {
    return this.#letters.dead(options);
  }

  retryDead(id?: string): Promise<number> {
    return this.#letters.retryDead(id);
  }

  invalid(options?: ListOptions): Promise<readonly InvalidItem[]> {
    return this.#letters.invalid(options);
  }

  close(options?: CloseOptions): Promise<CloseResult> {
    this.#closed ??= this.#drain(closeMs(options));
    return this.#closed;
  }

  async #drain(timeoutMs: number): Promise<CloseResult> {
    const until = performance.now() + timeoutMs;
    const { outcomes } = this.#runs;
    const doneBefore = outcomes.done;
    const allDone = new Promise<void>((resolve) => {
      this.#allDone = resolve;
    });
    let timedOut =
      this.#consumer !== undefined && this.#left > 0 && !(await settledWithin(allDone, timeoutMs));
    const drained = outcomes.done - doneBefore;
    this.#backlog.stop();
    this.#runs.stop();
    try {
      await within(this.#shut(), Math.max(until - performance.now(), STORE_CLOSE_MS));
    } catch (cause) {
      timedOut = true;
      this.#failures.add(cause);
    }
    return { drained, remaining: [], timedOut };
  }

  /** Writes what is to be written and lets the directory go. */
  async #shut(): Promise<void> {
    // It failed for whoever called it; there is nothing to close then.
    await this.#opening?.catch(() => undefined);
    await this.#writer.flush();
    this.#writer.stop();
    await this.#store.close();
  }

  /** Events that are accepted, or will be in a moment, and not done. */
  get #left(): number {
    return this.#runs.size + this.#backlog.size + this.#writer.arriving;
  }

  /** Whether there is no place in memory. */
  get #full(): boolean {
    return this.#runs.full || this.#chars >= WINDOW_CHARS;
  }

  /** How many rows may be loaded. None before many fit, so that one read brings them. */
  get #roomForRows(): number {
    const room = WINDOW_EVENTS + this.#options.run.workers - this.#runs.size;
    return this.#full || this.#writer.unsettled > WINDOW_EVENTS || room < WINDOW_EVENTS / 2 ? 0 : room;
  }

  #checkUsable(): void {
    if (this.#closed !== undefined) throw new CallbackError('closing');
    if (!this.#open) throw new CallbackError('queue_failed', { message: 'the queue is not open' });
  }

  #keep(stored: Stored, event: AnyCallbackEvent, key: string | undefined): void {
    this.#runs.outcomes.accepted += 1;
    if (this.#backlog.caughtUp && !this.#full) {
      this.#backlog.passed(stored.number);
      this.#take(stored, event, key, 0);
    } else {
      this.#backlog.joined(stored.number);
    }
  }

  readonly #take = (...loaded: Loaded): void => {
    this.#chars += loaded[0].size;
    this.#runs.take(...loaded);
  };

  #ended({ size }: Stored): void {
    this.#chars -= size;
    this.#backlog.feed();
    this.#checkDone();
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    // Losing the news that an event is done costs a repetition, not an event.
    const sync = this.#options.sync && changes.some(({ type }) => type === 'put');
    await this.#store.write(changes, sync);
    this.#backlog.feed();
  }

  #checkDone(): void {
    if (this.#left === 0) this.#allDone?.();
  }

  /** The directory is gone. What is in memory is done all the same. */
  #lose(cause: unknown): void {
    const message = `the directory of the disk queue was removed, and ${this.#backlog.lose()} accepted events with it`;
    this.#failures.end(new CallbackError('queue_failed', { message, cause }));
    this.#checkDone();
  }
}
