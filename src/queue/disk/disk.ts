/** The queue that keeps events in a directory of this machine, so that they outlive the process. */

import { settledWithin, within } from '../../base/bounded-wait.js';
import { CallbackError, type CallbackErrorOptions, ConfigurationError } from '../../base/errors.js';
import { timerMs } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import {
  CLOSE_TIMEOUT_MS,
  type CloseOptions,
  type CloseResult,
  type EnqueueOptions,
  type EventConsumer,
  type EventQueue,
  type QueueProblem,
  type QueueStats,
} from '../queue.js';
import { alreadyStartedError, tell } from '../report.js';
import { Backlog } from './backlog.js';
import { Aside, type ListOptions } from './dead-letters.js';
import { type Arrival, Intake } from './intake.js';
import { type DiskQueueOptions, type ResolvedDiskOptions, resolveDiskOptions } from './options.js';
import * as record from './record.js';
import { DiskRuns, WINDOW_EVENTS } from './runs.js';
import { type Change, DiskStore, put, remove } from './store.js';
import { GroupWriter } from './writer.js';

/** How long `close` waits, when its time is over, for the directory to be let go, in milliseconds. */
export const STORE_CLOSE_MS = 1_000;

/** A queue on disk, which also keeps what could not be done. */
export interface DiskQueue extends EventQueue {
  /** Events whose last run failed, oldest first. Needs `start`. */
  dead(options?: ListOptions): Promise<readonly record.DeadLetter[]>;
  /**
   * Runs dead letters again, behind all other events, with all their attempts.
   * @param id The event's id. Default: all dead letters.
   * @returns how many there were.
   */
  retryDead(id?: string): Promise<number>;
  /** What lay in the directory and is no event, oldest first. */
  invalid(options?: ListOptions): Promise<readonly record.InvalidItem[]>;
}

/**
 * A queue on disk. What it accepted outlives the process and is run at least once: an event whose run, or
 * whose end, was cut short runs again when a process opens the directory the next time, in the old order.
 * @throws ConfigurationError `option_invalid`
 */
export function diskQueue(options: DiskQueueOptions): DiskQueue {
  return new LevelQueue(resolveDiskOptions(options));
}

/*
 *   enqueue → writing ─→ in memory ─→ done            written, and there is room: DiskRuns
 *                │           ↑
 *                └──→ on disk only                    written, and there is none: Backlog
 *
 * Writes end in the order of their numbers, which is that of `enqueue`.
 */
class LevelQueue implements DiskQueue {
  readonly #options: ResolvedDiskOptions;
  readonly #store: DiskStore;
  readonly #writer: GroupWriter;
  readonly #intake: Intake;
  readonly #runs: DiskRuns;
  readonly #backlog: Backlog;
  readonly #aside: Aside;
  #consumer: EventConsumer | undefined;
  #opening: Promise<void> | undefined;
  #open = false;
  #closed: Promise<CloseResult> | undefined;
  /** Ends the wait of `close`. */
  #allDone: (() => void) | undefined;
  #accepted = 0;
  #rejected = 0;

  constructor(options: ResolvedDiskOptions) {
    this.#options = options;
    this.#store = new DiskStore(options.dir);
    const failed = (cause: unknown) => this.#tellStore(cause);
    this.#writer = new GroupWriter((changes) => this.#commit(changes), failed);
    this.#intake = new Intake(this.#writer, () => this.#checkDone());
    this.#runs = new DiskRuns(options, {
      settle: (number, changes) => this.#writer.settle(number, changes),
      ended: () => {
        this.#backlog.feed();
        this.#checkDone();
      },
      tell: (problem) => this.#tell(problem),
    });
    this.#backlog = new Backlog({
      read: (span) => this.#store.read('event', span),
      room: () => (this.#writer.unsettled > WINDOW_EVENTS ? 0 : this.#runs.roomForRows),
      loaded: () => this.#checkDone(),
      failed,
    });
    this.#aside = new Aside(this.#store, () => this.#intake.next);
  }

  open(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(new CallbackError('closing'));
    this.#opening ??= this.#openStore();
    return this.#opening;
  }

  async #openStore(): Promise<void> {
    try {
      await this.#store.open();
      const next = await this.#store.firstFree();
      this.#intake.found(next);
      this.#backlog.found(await this.#store.count('event'), next);
      this.#open = true;
    } catch (thrown) {
      this.#opening = undefined;
      await this.#store.close();
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  start(consumer: EventConsumer): void {
    if (this.#consumer !== undefined) {
      throw alreadyStartedError();
    }
    if (!this.#open) throw new ConfigurationError('option_invalid', 'open the queue before you start it');
    this.#consumer = consumer;
    this.#runs.start(consumer);
    if (this.#closed === undefined) this.#backlog.begin((row) => this.#runs.load(row, consumer));
  }

  async enqueue(event: AnyCallbackEvent, options: EnqueueOptions = {}): Promise<void> {
    if (this.#closed !== undefined) throw this.#refusal('closing');
    if (!this.#open) throw this.#refusal('queue_failed', { message: 'the queue is not open' });
    if (this.#left >= this.#options.bound) throw this.#refusal('queue_full');
    this.#checkOrder(event);
    const text = record.waitingText(event, 0);
    const arrival: Arrival = {
      changes: (number) => [put('event', number, text)],
      refuse: (why) => this.#refusal('queue_failed', why),
      ended: (outcome, number) => {
        if (outcome === 'kept') this.#keep(number, event, text.length);
        if (outcome === 'abandoned') this.#drop(number);
      },
    };
    await this.#intake.add(arrival, options);
  }

  stats(): QueueStats {
    const { completed, failed, retried, dead, active, waiting, oldest } = this.#runs;
    const now = this.#options.now();
    return {
      queued: waiting + this.#backlog.size,
      active,
      workers: this.#options.workers,
      assist: 0,
      accepted: this.#accepted,
      completed,
      failed,
      retried,
      rejected: this.#rejected,
      dead,
      oldestAgeMs: Math.max(0, now - (oldest?.receivedAt.getTime() ?? now)),
    };
  }

  async dead(options: ListOptions = {}): Promise<readonly record.DeadLetter[]> {
    this.#checkUsable();
    const consumer = this.#consumer;
    if (consumer === undefined)
      throw new CallbackError('queue_failed', { message: 'the queue is not started' });
    await this.#writer.flush();
    const texts = await this.#aside.list('dead', options);
    return texts.map((text) => record.letterFrom(text, (item) => consumer.decode(item)));
  }

  async retryDead(id?: string): Promise<number> {
    this.#checkUsable();
    await this.#writer.flush();
    return this.#aside.revive(id, (row) => {
      const arrival: Arrival = {
        changes: (number) => [remove('dead', row.number), put('event', number, record.revivedText(row.text))],
        refuse: (why) => new CallbackError('queue_failed', why),
        ended: (outcome, number) => {
          if (outcome === 'kept') this.#backlog.joined(number);
        },
      };
      return this.#intake.add(arrival, {});
    });
  }

  async invalid(options: ListOptions = {}): Promise<readonly record.InvalidItem[]> {
    this.#checkUsable();
    await this.#writer.flush();
    return (await this.#aside.list('invalid', options)).map(record.invalidFrom);
  }

  close(options: CloseOptions = {}): Promise<CloseResult> {
    this.#closed ??= this.#drain(timerMs(options.timeoutMs, CLOSE_TIMEOUT_MS));
    return this.#closed;
  }

  async #drain(timeoutMs: number): Promise<CloseResult> {
    const until = performance.now() + timeoutMs;
    const doneBefore = this.#runs.done;
    let timedOut = false;
    if (this.#consumer !== undefined && this.#left > 0) {
      const allDone = new Promise<void>((resolve) => {
        this.#allDone = resolve;
      });
      timedOut = !(await settledWithin(allDone, timeoutMs));
    }
    const drained = this.#runs.done - doneBefore;
    this.#backlog.stop();
    this.#runs.stop();
    try {
      await within(this.#shut(), Math.max(until - performance.now(), STORE_CLOSE_MS));
    } catch (cause) {
      timedOut = true;
      this.#tellStore(cause);
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
    return this.#runs.size + this.#backlog.size + this.#intake.writing;
  }

  #checkUsable(): void {
    if (this.#closed !== undefined) throw new CallbackError('closing');
    if (!this.#open) throw new CallbackError('queue_failed', { message: 'the queue is not open' });
  }

  /** An order that cannot be told must not come up when the event is accepted and nobody waits any more. */
  #checkOrder(event: AnyCallbackEvent): void {
    try {
      this.#options.orderBy(event);
    } catch (cause) {
      throw this.#refusal('queue_failed', { message: 'orderBy threw', cause });
    }
  }

  #keep(number: number, event: AnyCallbackEvent, size: number): void {
    this.#accepted += 1;
    if (this.#backlog.caughtUp && this.#runs.room > 0) {
      this.#backlog.passed(number);
      this.#runs.take({ number, event, size, attempts: 0 });
    } else {
      this.#backlog.joined(number);
    }
  }

  /** Its caller was told that it is not accepted, so it should not run. */
  #drop(number: number): void {
    this.#backlog.passed(number);
    this.#writer.settle(number, [remove('event', number)]);
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

  #refusal(code: 'queue_full' | 'queue_failed' | 'closing', options?: CallbackErrorOptions): CallbackError {
    this.#rejected += 1;
    return new CallbackError(code, options);
  }

  #tellStore(cause: unknown): void {
    this.#tell({ kind: 'store', error: CallbackError.from(cause, 'queue_failed') });
  }

  #tell(problem: QueueProblem): void {
    tell(this.#consumer, problem);
  }
}
