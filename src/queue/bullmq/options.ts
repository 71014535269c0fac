/** The options of the BullMQ tier: what may be written, what it means, and the check of both. */

import type { ConnectionOptions, JobsOptions } from 'bullmq';
import { wholeNumber } from '../../base/checks.js';
import { type CallbackError, ConfigurationError } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { type Backoff, type BackoffOptions, createBackoff } from '../backoff.js';
import { makeWorkerWith } from './connection.js';
import { BACKOFF_TYPE } from './job.js';
import type { JobQueue, Keep, WorkerFactory, WorkerSettings } from './store.js';

/** Where the jobs are. */
export interface BullmqPlace {
  /**
   * Redis: what BullMQ takes, such as `{ host, port }`, `{ url }`, or a client of `ioredis` or `redis`. With
   * options the connections are made so that nothing waits for a Redis that is away; a client is taken as it
   * is. Required, unless the queue or the worker is made by you.
   */
  readonly connection?: ConnectionOptions | undefined;
  /** Name of the BullMQ queue, without a colon. Default `im-callbacks`. */
  readonly name?: string | undefined;
  /** What all keys in Redis begin with. Default `bull`, as BullMQ's. */
  readonly prefix?: string | undefined;
}

/** How jobs are run. */
export interface BullmqRunOptions {
  /** Handlers that run at the same time in this process. At least 1. Default 16. */
  readonly concurrency?: number | undefined;
  /** How long to wait before each retry. The process that runs the handler decides, not the one that enqueues. */
  readonly backoff?: BackoffOptions | undefined;
  /** Random numbers from 0 up to, but not including, 1, for the back-off; must not throw. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /**
   * Gets each event whose last run failed. BullMQ keeps it in the failed set as well, see `removeOnFail`. May
   * be async; nobody waits for it, and its failure is reported as `store`. Default: such events are reported only.
   */
  readonly onDead?: ((event: AnyCallbackEvent, error: CallbackError) => unknown) | undefined;
  /** Runs a handler in the trace that the option `traceparent` of the queue has put into the job. Default: just runs it. */
  readonly continueTrace?: ((traceparent: string, run: () => Promise<void>) => Promise<unknown>) | undefined;
  /**
   * More options of the BullMQ `Worker`, such as `lockDuration`, `stalledInterval`, `limiter` or `telemetry`.
   * Defaults are BullMQ's, but `maxStalledCount`: 10. Whenever a worker dies, that counts for each event that it had
   * at work, not only for the one that killed it.
   */
  readonly workerOptions?: WorkerSettings | undefined;
}

/** Options of `bullmqQueue`. */
export interface BullmqQueueOptions extends BullmqPlace, BullmqRunOptions {
  /**
   * A BullMQ `Queue` of your own instead of `connection`, of any backend; `close` leaves it open. For Redis give it
   * `skipWaitingForReady`, `skipVersionCheck`, and a connection with `enableOfflineQueue: false` and `commandTimeout`.
   */
  readonly queue?: JobQueue | undefined;
  /**
   * Whether this process runs handlers. `false`: it only enqueues, and `createWorker` runs them elsewhere. A
   * function makes the BullMQ `Worker`, which is needed with `queue`. Default `true`.
   */
  readonly worker?: boolean | WorkerFactory | undefined;
  /** How often the handler is run for an event that it fails, the first time included. At least 1. Default 1: no retry. */
  readonly attempts?: number | undefined;
  /**
   * Most milliseconds for storing an event, retries included; the receiver's deadline may leave less. Default 1,000.
   * `open` takes no longer either.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * What BullMQ keeps of events that are done; as long as one is kept, enqueueing it again does nothing. Default
   * `{ age: 3600, count: 1000 }`: seconds and jobs.
   */
  readonly removeOnComplete?: Keep | undefined;
  /** What BullMQ keeps of dead events. Default `{ age: 1209600, count: 10000 }`: two weeks, and the last 10,000. */
  readonly removeOnFail?: Keep | undefined;
  /** The W3C trace context of the request that is being handled, stored with its event. Default: none. */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** Milliseconds since the Unix epoch, for `stats().oldestAgeMs`. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Options of `createWorker`. */
export interface BullmqWorkerOptions extends BullmqPlace, BullmqRunOptions {
  /** Makes the BullMQ `Worker`, for backends other than Redis, instead of `connection`. */
  readonly worker?: WorkerFactory | undefined;
}

export const BULLMQ_NAME = 'im-callbacks';
export const BULLMQ_CONCURRENCY = 16;
export const BULLMQ_TIMEOUT_MS = 1_000;
export const BULLMQ_REMOVE_ON_COMPLETE = Object.freeze({ age: 3_600, count: 1_000 });
export const BULLMQ_REMOVE_ON_FAIL = Object.freeze({ age: 14 * 24 * 3_600, count: 10_000 });

/** How jobs are run, after checks. */
export interface ResolvedRunOptions {
  readonly concurrency: number;
  readonly backoff: Backoff;
  readonly onDead: BullmqRunOptions['onDead'];
  readonly continueTrace: BullmqRunOptions['continueTrace'];
  readonly workerOptions: WorkerSettings;
  readonly makeWorker: WorkerFactory;
}

/** The options of the queue, after checks. */
export interface ResolvedQueueOptions {
  readonly name: string;
  readonly prefix: string | undefined;
  /** One of the two is there. */
  readonly connection: ConnectionOptions | undefined;
  readonly queue: JobQueue | undefined;
  readonly timeoutMs: number;
  /** Options of every job. */
  readonly job: JobsOptions;
  readonly traceparent: () => string | undefined;
  readonly now: () => number;
  /** `undefined`: handlers run elsewhere. */
  readonly run: ResolvedRunOptions | undefined;
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('option_invalid', message);
}

function checkFunctions(functions: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(functions)) {
    if (value !== undefined && typeof value !== 'function') {
      throw invalid(`${name} must be a function, not ${String(value)}`);
    }
  }
}

function nameFrom({ name = BULLMQ_NAME, prefix = '' }: BullmqPlace): string {
  if (typeof name !== 'string' || name === '' || name.includes(':')) {
    throw invalid(`name must be a text without a colon, not ${JSON.stringify(name)}`);
  }
  if (typeof prefix !== 'string') throw invalid(`prefix must be a text, not ${String(prefix)}`);
  return name;
}

function checkConnection(connection: unknown): void {
  if (typeof connection !== 'object' || connection === null) {
    throw invalid('connection must be options of a Redis connection, such as { host, port }, or a client');
  }
}

function resolveRun(options: BullmqRunOptions, makeWorker: WorkerFactory): ResolvedRunOptions {
  const { random = Math.random, onDead, continueTrace, workerOptions = {} } = options;
  checkFunctions({ random, onDead, continueTrace });
  return Object.freeze({
    concurrency: wholeNumber('concurrency', options.concurrency, { fallback: BULLMQ_CONCURRENCY, min: 1 }),
    backoff: createBackoff(options.backoff ?? {}, random),
    onDead,
    continueTrace,
    workerOptions,
    makeWorker,
  });
}

/** @throws ConfigurationError `option_invalid` */
export function resolveQueueOptions(options: BullmqQueueOptions): ResolvedQueueOptions {
  const { connection, queue, worker = true, traceparent, now } = options;
  checkFunctions({ traceparent, now });
  if ((connection === undefined) === (queue === undefined)) {
    throw invalid('either connection or queue must be given, and not both');
  }
  if (queue === undefined) checkConnection(connection);
  else if (typeof queue?.addBulk !== 'function') throw invalid('queue must be a Queue of BullMQ');
  if (typeof worker !== 'boolean' && typeof worker !== 'function') {
    throw invalid(`worker must be true, false or a function, not ${String(worker)}`);
  }
  if (worker === true && connection === undefined) {
    throw invalid('with queue, worker must be false or a function that makes the Worker');
  }
  const timeoutMs = { fallback: BULLMQ_TIMEOUT_MS, min: 1, max: LONGEST_TIMER_MS };
  const makeWorker = typeof worker === 'function' ? worker : makeWorkerWith(connection, options.prefix);
  // Checked also where it is not used, so that web servers and workers can share them.
  const run = resolveRun(options, makeWorker);
  return Object.freeze({
    name: queue?.name ?? nameFrom(options),
    prefix: options.prefix,
    connection,
    queue,
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs, timeoutMs),
    job: Object.freeze({
      attempts: wholeNumber('attempts', options.attempts, { fallback: 1, min: 1 }),
      backoff: { type: BACKOFF_TYPE },
      removeOnComplete: options.removeOnComplete ?? BULLMQ_REMOVE_ON_COMPLETE,
      removeOnFail: options.removeOnFail ?? BULLMQ_REMOVE_ON_FAIL,
    }),
    traceparent: traceparent ?? (() => undefined),
    now: now ?? Date.now,
    run: worker === false ? undefined : run,
  });
}

/** @throws ConfigurationError `option_invalid` */
export function resolveWorkerOptions(options: BullmqWorkerOptions): {
  name: string;
  run: ResolvedRunOptions;
} {
  const { connection, prefix, worker } = options;
  checkFunctions({ worker });
  if (worker === undefined) checkConnection(connection);
  const name = nameFrom(options);
  return { name, run: resolveRun(options, worker ?? makeWorkerWith(connection, prefix)) };
}
