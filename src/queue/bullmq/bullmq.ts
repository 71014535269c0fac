/** The queue for many machines: events are jobs of BullMQ, in Redis or in PostgreSQL. */

import { settledWithin, within } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import { timerMs } from '../../base/timers.js';
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
import { storeJobs } from './adds.js';
import { Batches } from './batches.js';
import { makeQueue } from './connection.js';
import { Counts } from './counts.js';
import { type EventJob, jobOf } from './job.js';
import { type BullmqQueueOptions, type ResolvedQueueOptions, resolveQueueOptions } from './options.js';
import { Reports } from './reports.js';
import { DISCONNECT_MS, JobRunner } from './runner.js';
import type { JobQueue } from './store.js';

/** How often `open` and `close` look at the store again, in milliseconds. */
const LOOK_MS = 20;

/** A queue whose jobs BullMQ's own tools can see. */
export interface BullmqQueue extends EventQueue {
  /** The BullMQ `Queue`, for dashboards, and for reading and retrying dead events. */
  readonly queue: JobQueue;
}

/**
 * Events as jobs of BullMQ. What it accepted is in Redis (or PostgreSQL), runs at least once, in this process or
 * in those of `createWorker`, is retried, and ends as done or in BullMQ's failed set. It is as safe as that store:
 * Redis needs `appendonly yes`, and `maxmemory-policy noeviction`.
 * @throws ConfigurationError `option_invalid`
 */
export function bullmqQueue(options: BullmqQueueOptions): BullmqQueue {
  return new JobsQueue(resolveQueueOptions(options));
}

class JobsQueue implements BullmqQueue {
  readonly #options: ResolvedQueueOptions;
  readonly #reports: Reports;
  readonly #runner: JobRunner | undefined;
  readonly #counts = new Counts(() => this.queue);
  readonly #batches: Batches;
  #queue: JobQueue | undefined;
  #started = false;
  #closed: Promise<CloseResult> | undefined;
  #accepted = 0;
  #rejected = 0;

  constructor(options: ResolvedQueueOptions) {
    this.#options = options;
    this.#reports = new Reports(options.now);
    if (options.run !== undefined) this.#runner = new JobRunner(options.run, this.#reports);
    this.#batches = new Batches((jobs, stored) => storeJobs(this.queue, jobs, stored), options.timeoutMs);
  }

  get queue(): JobQueue {
    if (this.#queue === undefined) {
      const { queue, name, connection, prefix, timeoutMs } = this.#options;
      this.#queue = queue ?? makeQueue(name, connection, prefix, timeoutMs);
      this.#queue.on('error', this.#reports.storeFailed);
    }
    return this.#queue;
  }

  /** Looks at the store until it answers: a connection that is only being made refuses at first. */
  async open(): Promise<void> {
    const until = performance.now() + this.#options.timeoutMs;
    for (;;) {
      if (this.#closed !== undefined) throw new CallbackError('closing');
      try {
        await within(this.#counts.count(), until - performance.now());
        return;
      } catch (cause) {
        if (performance.now() + LOOK_MS > until) {
          throw new CallbackError('queue_failed', {
            message: 'the store of the jobs does not answer',
            cause,
          });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  start(consumer: EventConsumer): void {
    if (this.#started) {
      throw alreadyStartedError();
    }
    this.#started = true;
    this.#reports.listen(consumer);
    if (this.#closed === undefined) this.#runner?.start(this.#options.name, consumer);
  }

  async enqueue(event: AnyCallbackEvent, options: EnqueueOptions = {}): Promise<void> {
    try {
      if (this.#closed !== undefined) throw new CallbackError('closing');
      await this.#batches.add(this.#jobOf(event), options);
      this.#accepted += 1;
    } catch (thrown) {
      this.#rejected += 1;
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  #jobOf(event: AnyCallbackEvent): EventJob {
    let traceparent: string | undefined;
    try {
      traceparent = this.#options.traceparent();
    } catch (thrown) {
      // An event is worth more than its trace.
      this.#reports.storeFailed(thrown);
    }
    return jobOf(event, this.#options.job, traceparent);
  }

  /** `queued` and `oldestAgeMs` are those of the whole queue, as of the last look; the rest is this process's. */
  stats(): QueueStats {
    if (this.#queue !== undefined && this.#closed === undefined) this.#counts.refresh();
    const { waiting, held, oldest } = this.#counts.last;
    const counts = this.#runner?.counts ?? NO_RUNS;
    const now = this.#options.now();
    return {
      ...counts,
      queued: waiting + held,
      assist: 0,
      accepted: this.#accepted,
      rejected: this.#rejected,
      oldestAgeMs: Math.max(0, now - (oldest ?? now)),
    };
  }

  /**
   * With a worker of its own, works off what waits for at most half of the time, then lets what runs be done;
   * everything else stays in the store.
   */
  close(options: CloseOptions = {}): Promise<CloseResult> {
    this.#closed ??= this.#close(timerMs(options.timeoutMs, CLOSE_TIMEOUT_MS));
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<CloseResult> {
    const until = performance.now() + timeoutMs;
    const left = (): number => Math.max(0, until - performance.now());
    const endedBefore = this.#runner?.ended ?? 0;
    let timedOut = !(await settledWithin(this.#batches.idle(), left()));
    this.#batches.end(() => new CallbackError('closing'));
    if (this.#runner?.worker !== undefined) {
      const workedOff = await this.#workOff(performance.now() + left() / 2);
      const late = await this.#runner.stop(left);
      timedOut ||= late || !workedOff;
    }
    await this.#release(Math.max(DISCONNECT_MS, left()));
    this.#counts.end();
    return { drained: (this.#runner?.ended ?? 0) - endedBefore, remaining: [], timedOut };
  }

  /** Whether nothing waits any more before the time is over. */
  async #workOff(until: number): Promise<boolean> {
    for (;;) {
      try {
        const { waiting } = await within(this.#counts.count(), until - performance.now());
        if (waiting === 0) return true;
      } catch {
        // The store is away: nothing can be worked off, and nothing is lost by stopping now.
        return false;
      }
      if (performance.now() + LOOK_MS > until) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async #release(ms: number): Promise<void> {
    const queue = this.#queue;
    if (queue === undefined) return;
    if (this.#options.queue !== undefined) {
      queue.off('error', this.#reports.storeFailed);
      return;
    }
    // By force: otherwise it would wait for Redis to say goodbye.
    await settledWithin(queue.getBackend().close(true), ms);
    await settledWithin(queue.close(), ms);
  }
}

const NO_RUNS = { active: 0, workers: 0, completed: 0, failed: 0, retried: 0, dead: 0 };
