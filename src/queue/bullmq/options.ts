/** The options of the BullMQ tier: what may be written, what it means, and the check of both. */

import type { ConnectionOptions, JobsOptions, Telemetry } from 'bullmq';
import { checkNames, type OptionNames, wholeNumber } from '../../base/checks.js';
import { ConfigurationError } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import {
  checkFunctions,
  type ResolvedRunOptions,
  RUN_OPTION_NAMES,
  type RunOptions,
  resolveRunOptions,
} from '../run-options.js';
import { makeWorkerWith } from './connection.js';
import { BACKOFF_TYPE } from './job.js';
import type { JobQueue, WorkerFactory, WorkerSettings } from './store.js';

/** What both sides take: where the jobs are, and how BullMQ runs them. */
interface JobOptions {
  /**
   * Redis: what BullMQ takes, such as `{ host, port }`, `{ url }`, or a client of `ioredis` or `redis`. With
   * options the connections are made so that nothing waits for a Redis that is away; a client is taken as it
   * is. Required, unless the queue or the worker is made by you.
   */
  readonly connection?: ConnectionOptions | undefined;
  /** Name of the BullMQ queue, without a colon. Defaults to `im-callbacks`. */
  readonly name?: string | undefined;
  /** What all keys in Redis begin with. Defaults to `bull`, as BullMQ's. */
  readonly prefix?: string | undefined;
  /**
   * BullMQ's own `telemetry`, such as `new BullMQOtel('my-app')` of the package `bullmq-otel`: given to both sides,
   * a handler runs in the trace of the request that enqueued its event. Defaults to none.
   */
  readonly telemetry?: Telemetry | undefined;
  /**
   * More options of the BullMQ `Worker`, such as `lockDuration`, `stalledInterval` or `limiter`. Defaults to BullMQ's
   * own, but `maxStalledCount`: 10. Whenever a worker dies, that counts for each event that it had at work, not only
   * for the one that killed it.
   */
  readonly workerOptions?: Omit<WorkerSettings, 'concurrency' | 'telemetry'> | undefined;
}

/**
 * Options of `bullmqQueue`. The process that runs a handler decides on `workers`, `backoff`, `random` and `onDead`;
 * the one that enqueues the event, on `attempts`.
 */
export interface BullmqQueueOptions extends JobOptions, Omit<RunOptions, 'orderBy'> {
  /**
   * A BullMQ `Queue` of your own instead of `connection`, of any backend; `close` leaves it open. For Redis give it
   * `skipWaitingForReady`, `skipVersionCheck`, and a connection with `enableOfflineQueue: false` and `commandTimeout`;
   * for PostgreSQL a connection with `connectionTimeoutMillis` and `query_timeout`. For traces it needs `telemetry`
   * itself.
   */
  readonly queue?: JobQueue | undefined;
  /**
   * Whether this process runs handlers. `false`: it only enqueues, and `createWorker` runs them elsewhere. A
   * function makes the BullMQ `Worker`, which is needed with `queue`. Defaults to `true`.
   */
  readonly worker?: boolean | WorkerFactory | undefined;
  /**
   * Most milliseconds for storing an event, retries included; the receiver's deadline may leave less. `open` takes
   * no longer either. Defaults to 1,000.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * What BullMQ keeps of events that are done; as long as one is kept, enqueueing it again does nothing. Defaults to
   * `{ age: 3600, count: 1000 }`: seconds and jobs.
   */
  readonly removeOnComplete?: JobsOptions['removeOnComplete'] | undefined;
  /** What BullMQ keeps of dead events. Defaults to `{ age: 1209600, count: 10000 }`: two weeks, and the last 10,000. */
  readonly removeOnFail?: JobsOptions['removeOnFail'] | undefined;
}

/** Options of `createWorker`. How often an event is tried was decided when it was enqueued. */
export interface BullmqWorkerOptions extends JobOptions, Omit<RunOptions, 'attempts' | 'orderBy'> {
  /** Makes the BullMQ `Worker`, for backends other than Redis, instead of `connection`. */
  readonly worker?: WorkerFactory | undefined;
}

const { orderBy: _order, ...RUN_NAMES } = RUN_OPTION_NAMES;
const { attempts: _attempts, ...WORKER_RUN_NAMES } = RUN_NAMES;
const JOB_NAMES = {
  connection: true,
  name: true,
  prefix: true,
  telemetry: true,
  workerOptions: true,
} as const satisfies OptionNames<JobOptions>;
const WORKER_NAMES = {
  ...JOB_NAMES,
  ...WORKER_RUN_NAMES,
  worker: true,
} as const satisfies OptionNames<BullmqWorkerOptions>;
const QUEUE_NAMES = {
  ...JOB_NAMES,
  ...RUN_NAMES,
  queue: true,
  worker: true,
  timeoutMs: true,
  removeOnComplete: true,
  removeOnFail: true,
} as const satisfies OptionNames<BullmqQueueOptions>;

export const BULLMQ_NAME = 'im-callbacks';
export const BULLMQ_TIMEOUT_MS = 1_000;
export const BULLMQ_REMOVE_ON_COMPLETE = Object.freeze({ age: 3_600, count: 1_000 });
export const BULLMQ_REMOVE_ON_FAIL = Object.freeze({ age: 14 * 24 * 3_600, count: 10_000 });

/** How jobs are run, after checks. */
export interface ResolvedJobOptions {
  readonly name: string;
  readonly run: ResolvedRunOptions;
  readonly telemetry: Telemetry | undefined;
  readonly workerOptions: NonNullable<JobOptions['workerOptions']>;
  readonly makeWorker: WorkerFactory;
}

/** The options of the queue, after checks. */
export interface ResolvedQueueOptions extends ResolvedJobOptions {
  readonly prefix: string | undefined;
  /** One of the two is there. */
  readonly connection: ConnectionOptions | undefined;
  readonly queue: JobQueue | undefined;
  /** Whether handlers run in this process. */
  readonly handles: boolean;
  readonly timeoutMs: number;
  /** Options of every job. */
  readonly job: JobsOptions;
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('option_invalid', message);
}

function nameFrom({ name = BULLMQ_NAME, prefix = '' }: JobOptions): string {
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

/** @throws ConfigurationError `option_invalid` */
export function resolveQueueOptions(options: BullmqQueueOptions): ResolvedQueueOptions {
  checkNames('bullmqQueue', options, QUEUE_NAMES);
  const { connection, prefix, queue, worker = true } = options;
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
  // Checked also where it is not used, so that web servers and workers can share them.
  const run = resolveRunOptions(options);
  const timeoutMs = { fallback: BULLMQ_TIMEOUT_MS, min: 1, max: LONGEST_TIMER_MS };
  return {
    name: queue?.name ?? nameFrom(options),
    prefix,
    connection,
    queue,
    handles: worker !== false,
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs, timeoutMs),
    job: Object.freeze({
      attempts: run.attempts,
      backoff: { type: BACKOFF_TYPE },
      removeOnComplete: options.removeOnComplete ?? BULLMQ_REMOVE_ON_COMPLETE,
      removeOnFail: options.removeOnFail ?? BULLMQ_REMOVE_ON_FAIL,
    }),
    run,
    telemetry: options.telemetry,
    workerOptions: options.workerOptions ?? {},
    makeWorker: typeof worker === 'function' ? worker : makeWorkerWith(connection, prefix),
  };
}

/** @throws ConfigurationError `option_invalid` */
export function resolveWorkerOptions(options: BullmqWorkerOptions): ResolvedJobOptions {
  checkNames('createWorker', options, WORKER_NAMES);
  const { connection, prefix, worker } = options;
  checkFunctions({ worker });
  if (worker === undefined) checkConnection(connection);
  return {
    name: nameFrom(options),
    run: resolveRunOptions(options),
    telemetry: options.telemetry,
    workerOptions: options.workerOptions ?? {},
    makeWorker: worker ?? makeWorkerWith(connection, prefix),
  };
}
