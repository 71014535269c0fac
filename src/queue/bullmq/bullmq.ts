/** The queue for many machines: events are jobs of BullMQ, in Redis or in PostgreSQL. */

import { settledWithin, within } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { Outcomes } from '../outcomes.js';
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
import { makeQueue } from './connection.js';
import { Counts } from './counts.js';
import { Intake } from './intake.js';
import { jobOf } from './job.js';
import { type BullmqQueueOptions, type ResolvedQueueOptions, resolveQueueOptions } from './options.js';
import { JobRunner } from './runner.js';
import { type JobQueue, storeJobs } from './store.js';
import { storeFailureTeller } from './store-failures.js';

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
  readonly #outcomes: Outcomes;
  readonly #storeFailed: (cause: unknown) => void;
  readonly #runner: JobRunner | undefined;
  readonly #counts = new Counts(() => this.queue);
  readonly #intake: Intake;
  #queue: JobQueue | undefined;
  #started = false;
  #closed: Promise<CloseResult> | undefined;

  constructor(options: ResolvedQueueOptions) {
    this.#options = options;
    this.#outcomes = new Outcomes(options.run.onDead);
    this.#storeFailed = storeFailureTeller(this.#outcomes.tell, options.run.now);
    if (options.handles) this.#runner = new JobRunner(options, this.#outcomes, this.#storeFailed);
    this.#intake = new Intake({
      store: (jobs) => storeJobs(this.queue, jobs),
      // Measured at 50 in flight: on PostgreSQL one statement stores 2.5 to 4 times as many events; on Redis an
      // `add` for each costs least.
      together: options.queue !== undefined,
      timeoutMs: options.timeoutMs,
    });
  }

  get queue(): JobQueue {
    if (this.#queue === undefined) {
      this.#queue = this.#options.queue ?? makeQueue(this.#options);
      this.#queue.on('error', this.#storeFailed);
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
    if (this.#started) throw alreadyStartedError();
    this.#started = true;
    this.#outcomes.listen(consumer);
    if (this.#closed === undefined) this.#runner?.start(this.#options.name, consumer);
  }

  async enqueue(event: AnyCallbackEvent, options: EnqueueOptions = {}): Promise<void> {
    try {
      if (this.#closed !== undefined) throw new CallbackError('closing');
      const context = this.queue.opts.telemetry?.contextManager.active();
      await this.#intake.add(jobOf(event, this.#options.job, context), options);
      this.#outcomes.accepted += 1;
    } catch (thrown) {
      this.#outcomes.rejected += 1;
      throw CallbackError.from(thrown, 'queue_failed');
    }
  }

  /** `queued` and `oldestAgeMs` are those of the whole queue, as of the last look; the rest is this process's. */
  stats(): QueueStats {
    if (this.#queue !== undefined && this.#closed === undefined) this.#counts.refresh();
    const { waiting, held, oldest } = this.#counts.last;
    const { active, workers } = this.#runner?.stats ?? { active: 0, workers: 0 };
    const now = this.#options.run.now();
    return {
      queued: waiting + held,
      active,
      workers,
      assist: 0,
      ...this.#outcomes.counts,
      oldestAgeMs: Math.max(0, now - (oldest ?? now)),
    };
  }

  /**
   * With a worker of its own, works off what waits for at most half of the time, then lets what runs be done;
   * everything else stays in the store.
   */
  close(options?: CloseOptions): Promise<CloseResult> {
    this.#closed ??= this.#close(closeMs(options));
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<CloseResult> {
    const until = performance.now() + timeoutMs;
    const left = (): number => Math.max(0, until - performance.now());
    const doneBefore = this.#outcomes.done;
    let timedOut = !(await settledWithin(this.#intake.idle(), left()));
    this.#intake.end();
    if (this.#runner?.worker !== undefined) {
      const workedOff = await this.#workOff(performance.now() + left() / 2);
      const late = await this.#runner.stop(left);
      timedOut ||= late || !workedOff;
    }
    await this.#release(left);
    this.#counts.end();
    return { drained: this.#outcomes.done - doneBefore, remaining: [], timedOut };
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

  async #release(left: () => number): Promise<void> {
    const queue = this.#queue;
    if (queue === undefined) return;
    if (this.#options.queue !== undefined) {
      queue.off('error', this.#storeFailed);
      return;
    }
    // By force: otherwise it would wait for Redis to say goodbye. Both go on when the time is over.
    await settledWithin(Promise.all([queue.getBackend().close(true), queue.close()]), left());
  }
}
