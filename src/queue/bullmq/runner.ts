/** Runs the jobs of a BullMQ worker: one job, one event, one run of the consumer. */

import { UnrecoverableError, WaitingError } from 'bullmq';
import { settledWithin } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import type { Timer } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { Run } from '../attempt.js';
import type { Outcomes } from '../outcomes.js';
import type { EventConsumer } from '../queue.js';
import type { ResolvedJobOptions } from './options.js';
import type { JobWorker, RunningJob } from './store.js';
import { plainWordsFor } from './store-failures.js';

/**
 * How long handlers that were told to stop have for it, and their jobs for going back, in milliseconds; at most the
 * given part of the time that `close` has.
 */
const STOP = { maxMs: 500, share: 1 / 4 } as const;

/** How long a worker rests that has found Redis full, in milliseconds. */
export const REST_MS = 1_000;

/** The texts in which BullMQ says that somebody else may run, or already runs, a job of this worker. */
const LOCK_LOST = /^(?:Missing lock|Lock mismatch|could not renew lock) for job (\S+?)(?:\. |$)/;

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
 *               └ stalled: its lock ran out, because the worker died or the store was away; it is put back
 *
 * Everything is counted and reported when BullMQ has stored it, not before.
 */
export class JobRunner {
  readonly #options: ResolvedJobOptions;
  readonly #outcomes: Outcomes;
  readonly #storeFailed: (cause: unknown) => void;
  readonly #runs = new Set<Run>();
  /** The jobs that this worker has, until BullMQ has stored what became of them. */
  readonly #taken = new Map<string, { readonly event: AnyCallbackEvent; readonly attempt: number }>();
  #worker: JobWorker | undefined;
  /** There while the worker rests. */
  #rest: Timer | undefined;
  #stopping = false;
  #stopped = false;

  constructor(options: ResolvedJobOptions, outcomes: Outcomes, storeFailed: (cause: unknown) => void) {
    this.#options = options;
    this.#outcomes = outcomes;
    this.#storeFailed = storeFailed;
  }

  /** The BullMQ worker; absent before `start`. */
  get worker(): JobWorker | undefined {
    return this.#worker;
  }

  get stats(): { active: number; workers: number } {
    return { active: this.#runs.size, workers: this.#worker?.concurrency ?? this.#options.run.workers };
  }

  /** Makes the worker, which begins at once. Called once. */
  start(name: string, consumer: EventConsumer): JobWorker {
    const { run, telemetry, workerOptions } = this.#options;
    const worker = this.#options.makeWorker(name, (job, token) => this.#process(consumer, job, token), {
      // A handler that dies with its process every time must end somewhere; once, BullMQ's default, may be a deploy.
      maxStalledCount: 10,
      ...workerOptions,
      ...(telemetry === undefined ? {} : { telemetry }),
      concurrency: run.workers,
      settings: { backoffStrategy: run.backoff, ...workerOptions.settings },
    });
    worker.on('error', (error) => this.#onError(worker, error));
    worker.on('completed', ({ id = '' }) => {
      this.#taken.delete(id);
      this.#outcomes.completed += 1;
    });
    worker.on('failed', (job, thrown) => {
      if (job !== undefined) this.#onFailed(consumer, job, thrown);
    });
    this.#worker = worker;
    return worker;
  }

  async #process(consumer: EventConsumer, job: RunningJob, token: string | undefined): Promise<void> {
    const { id = '', attemptsStarted: attempt } = job;
    const event = decode(consumer, job);
    const run = new Run(attempt);
    if (job.attemptsMade > 0) this.#outcomes.retried += 1;
    this.#runs.add(run);
    this.#taken.set(id, { event, attempt });
    try {
      await consumer.consume(event, run);
    } catch (thrown) {
      if (!this.#stopped) throw new RunFailure(CallbackError.from(thrown, 'handler_failed'));
      this.#taken.delete(id);
      await this.#putBack(job, token);
    } finally {
      this.#runs.delete(run);
    }
  }

  /** Always throws what tells BullMQ that the job is not over. */
  async #putBack(job: RunningJob, token: string | undefined): Promise<never> {
    try {
      await job.moveToWait(token);
    } catch (thrown) {
      // It stalls then, and another worker puts it back.
      this.#storeFailed(thrown);
    }
    throw new WaitingError();
  }

  #onFailed(consumer: EventConsumer, job: RunningJob, thrown: Error): void {
    this.#taken.delete(job.id ?? '');
    const error =
      thrown instanceof RunFailure || thrown instanceof Undecodable
        ? thrown.error
        : new CallbackError('handler_failed', { message: thrown.message });
    let event: AnyCallbackEvent;
    try {
      event = decode(consumer, job);
    } catch {
      this.#outcomes.tell({ kind: 'invalid', error });
      return;
    }
    this.#outcomes.runFailed(event, job.attemptsStarted, error, job.finishedOn === undefined);
  }

  /** A lock that ran out is told as the second run that follows from it, once though BullMQ says it several times. */
  #onError(worker: JobWorker, error: Error): void {
    const [, id] = LOCK_LOST.exec(error.message) ?? [];
    if (id === undefined) {
      this.#storeFailed(error);
      if (plainWordsFor(error) !== undefined) this.#letRest(worker);
      return;
    }
    const taken = this.#taken.get(id);
    if (taken === undefined) return;
    this.#taken.delete(id);
    const message = 'the store was not told in time that the event is being handled, so it is handled again';
    const again = new CallbackError('queue_failed', { message, cause: error });
    this.#outcomes.tell({ kind: 'retry', error: again, ...taken });
  }

  /** BullMQ would ask a full Redis again at once, thousands of times a second. */
  #letRest(worker: JobWorker): void {
    if (this.#rest !== undefined || this.#stopping) return;
    void worker.pause(true);
    this.#rest = setTimeout(() => this.#wake(worker), REST_MS);
  }

  #wake(worker: JobWorker): void {
    if (this.#rest === undefined) return;
    clearTimeout(this.#rest);
    this.#rest = undefined;
    worker.resume();
  }

  /**
   * Takes no job any more and lets those that it has be done; towards the end of the time their signals abort and
   * they go back to the queue. Takes no longer than the time. Resolves with whether it was over first.
   */
  async stop(leftMs: () => number): Promise<boolean> {
    const worker = this.#worker;
    if (worker === undefined) return false;
    this.#stopping = true;
    // What rests is paused already, and another `pause` would not wait for its jobs.
    this.#wake(worker);
    // Otherwise `pause` connects again behind its end, which may come when everything else is closed.
    worker.getBackend().reconnectBlocking = async () => undefined;
    // Resolves when every job is done and that is stored.
    const paused = worker.pause();
    const stopMs = Math.min(STOP.maxMs, leftMs() * STOP.share);
    const inTime = await settledWithin(paused, leftMs() - stopMs);
    if (!inTime) {
      this.#stopped = true;
      for (const run of this.#runs) run.abort();
      await settledWithin(paused, leftMs());
    }
    // By force: otherwise it would wait for a store that may be away, and for handlers that do not stop.
    await settledWithin(worker.close(true), leftMs());
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
