/** Runs the jobs of a BullMQ worker: one job, one event, one run of the consumer. */

import { UnrecoverableError, WaitingError } from 'bullmq';
import { settledWithin } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { Run } from '../attempt.js';
import type { EventConsumer } from '../queue.js';
import { handDead } from '../report.js';
import { traceparentIn } from './job.js';
import type { ResolvedRunOptions } from './options.js';
import type { Reports } from './reports.js';
import type { JobWorker, RunningJob } from './store.js';

/** How long handlers that were told to stop have for it, and their jobs for going back, in milliseconds. */
export const STOP_MS = 500;

/** How long `close` waits for connections to end when the rest of its time is over, in milliseconds. */
export const DISCONNECT_MS = 200;

/** A job that holds no event: BullMQ keeps it as failed and never tries it again. */
class Undecodable extends UnrecoverableError {
  // BullMQ knows it by its name where there are two copies of it.
  override name = 'UnrecoverableError';

  constructor(readonly error: CallbackError) {
    super(error.message);
  }
}

/** A failed run as BullMQ keeps it: the reason of the handler, but none of the names to which BullMQ reacts. */
class RunFailure extends Error {
  override readonly name = 'RunFailure';

  constructor(readonly error: CallbackError) {
    const { cause } = error;
    super(cause === undefined ? error.message : `${error.message}: ${String(cause)}`);
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}

/*
 * A job, as BullMQ moves it:
 *
 *   waiting → active ─→ completed
 *      ↑        │ └──→ failed ──→ delayed, then waiting again    an attempt is left
 *      │        │        └──→ kept in the failed set: dead       no attempt is left, or it holds no event
 *      └────────┘ put back: its handler stopped because of `stop`; costs no attempt
 *               └ stalled: the worker is gone; another one puts it back when its lock is over
 *
 * Everything is counted and reported when BullMQ has stored it, not before.
 */
export class JobRunner {
  readonly #options: ResolvedRunOptions;
  readonly #reports: Reports;
  readonly #runs = new Set<Run>();
  #worker: JobWorker | undefined;
  #stopped = false;
  #completed = 0;
  #failed = 0;
  #retried = 0;
  #dead = 0;

  constructor(options: ResolvedRunOptions, reports: Reports) {
    this.#options = options;
    this.#reports = reports;
  }

  /** The BullMQ worker; absent before `start`. */
  get worker(): JobWorker | undefined {
    return this.#worker;
  }

  get counts(): {
    active: number;
    workers: number;
    completed: number;
    failed: number;
    retried: number;
    dead: number;
  } {
    return {
      active: this.#runs.size,
      workers: this.#worker?.concurrency ?? this.#options.concurrency,
      completed: this.#completed,
      failed: this.#failed,
      retried: this.#retried,
      dead: this.#dead,
    };
  }

  /** Events that are over, well or not. */
  get ended(): number {
    return this.#completed + this.#dead;
  }

  /** Makes the worker, which begins at once. Called once. */
  start(name: string, consumer: EventConsumer): JobWorker {
    const { concurrency, backoff, workerOptions } = this.#options;
    const worker = this.#options.makeWorker(name, (job, token) => this.#process(consumer, job, token), {
      // A handler that dies with its process every time must end somewhere; once, BullMQ's default, may be a deploy.
      maxStalledCount: 10,
      ...workerOptions,
      concurrency,
      settings: { backoffStrategy: backoff, ...workerOptions.settings },
    });
    worker.on('error', this.#reports.storeFailed);
    worker.on('completed', () => {
      this.#completed += 1;
    });
    worker.on('failed', (job, thrown) => {
      if (job !== undefined) this.#onFailed(consumer, job, thrown);
    });
    this.#worker = worker;
    return worker;
  }

  async #process(consumer: EventConsumer, job: RunningJob, token: string | undefined): Promise<void> {
    const event = decode(consumer, job);
    const run = new Run(job.attemptsStarted);
    if (job.attemptsMade > 0) this.#retried += 1;
    this.#runs.add(run);
    try {
      await this.#inTrace(job, () => consumer.consume(event, run));
    } catch (thrown) {
      if (!this.#stopped) throw new RunFailure(CallbackError.from(thrown, 'handler_failed'));
      await this.#putBack(job, token);
    } finally {
      this.#runs.delete(run);
    }
  }

  #inTrace(job: RunningJob, run: () => Promise<void>): Promise<unknown> {
    const traceparent = traceparentIn(job.data);
    const { continueTrace } = this.#options;
    return continueTrace === undefined || traceparent === undefined ? run() : continueTrace(traceparent, run);
  }

  /** Always throws what tells BullMQ that the job is not over. */
  async #putBack(job: RunningJob, token: string | undefined): Promise<never> {
    try {
      await job.moveToWait(token);
    } catch (thrown) {
      // It stalls then, and another worker puts it back.
      this.#reports.storeFailed(thrown);
    }
    throw new WaitingError();
  }

  #onFailed(consumer: EventConsumer, job: RunningJob, thrown: Error): void {
    if (thrown instanceof Undecodable) {
      this.#reports.tell({ kind: 'invalid', error: thrown.error });
      return;
    }
    const error =
      thrown instanceof RunFailure
        ? thrown.error
        : new CallbackError('handler_failed', { message: thrown.message });
    let event: AnyCallbackEvent;
    try {
      event = decode(consumer, job);
    } catch {
      // BullMQ gave it up before it was decoded.
      this.#reports.tell({ kind: 'invalid', error });
      return;
    }
    const attempt = job.attemptsStarted;
    const dead = job.finishedOn !== undefined;
    this.#failed += 1;
    if (dead) this.#dead += 1;
    this.#reports.tell({ kind: dead ? 'dead' : 'retry', error, event, attempt });
    if (dead) handDead(this.#options.onDead, error, event, attempt, this.#reports.tell);
  }

  /**
   * Takes no job any more and lets those that it has be done; when the time is over their signals abort and
   * they go back to the queue. Resolves with whether the time was over first.
   */
  async stop(leftMs: () => number): Promise<boolean> {
    const worker = this.#worker;
    if (worker === undefined) return false;
    // Otherwise `pause` connects again behind its end, which may come when everything else is closed.
    worker.getBackend().reconnectBlocking = async () => undefined;
    // Resolves when every job is done and that is stored.
    const paused = worker.pause();
    const inTime = await settledWithin(paused, leftMs());
    if (!inTime) {
      this.#stopped = true;
      for (const run of this.#runs) run.abort();
      await settledWithin(paused, STOP_MS);
    }
    // By force: otherwise it would wait for Redis, which may be away, and for handlers that do not stop.
    await settledWithin(worker.close(true), Math.max(DISCONNECT_MS, leftMs()));
    return !inTime;
  }
}

/** @throws Undecodable */
function decode(consumer: EventConsumer, job: RunningJob): AnyCallbackEvent {
  try {
    return consumer.decode(job.data);
  } catch (thrown) {
    throw new Undecodable(CallbackError.from(thrown, 'body_not_json'));
  }
}
