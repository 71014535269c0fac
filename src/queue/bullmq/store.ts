/**
 * What this tier asks of BullMQ's classes: every `Queue`, `Worker` and `Job` has it, whatever its backend is, so
 * that Redis and PostgreSQL go through the same code.
 */

import type { JobsOptions, JobType, Telemetry, WorkerOptions } from 'bullmq';
import type { EventJob } from './job.js';

/** A BullMQ `Queue`. */
export interface JobQueue {
  readonly name: string;
  readonly opts: { readonly telemetry?: Telemetry | undefined };
  add(name: string, data: object, opts: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: object; opts: JobsOptions }[]): Promise<unknown>;
  getJobCounts(...states: JobType[]): Promise<{ [state: string]: number }>;
  getJobs(states: JobType[], start: number, end: number, oldestFirst: boolean): Promise<QueuedJob[]>;
  getBackend(): { close(force?: boolean): Promise<void> };
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** A BullMQ `Job` that waits. */
export interface QueuedJob {
  /** When it was added, milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/** A BullMQ `Job` that a worker has. */
export interface RunningJob {
  id?: string | undefined;
  readonly data: unknown;
  readonly attemptsStarted: number;
  readonly attemptsMade: number;
  /** Set once no attempt is left. */
  finishedOn?: number | undefined;
  moveToWait(token?: string): Promise<unknown>;
}

/** A BullMQ `Worker`. */
export interface JobWorker {
  concurrency: number;
  getBackend(): { reconnectBlocking(): Promise<void> };
  waitUntilReady(): Promise<void>;
  pause(doNotWaitActive?: boolean): Promise<void>;
  resume(): unknown;
  close(force?: boolean): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'completed', listener: (job: RunningJob) => void): unknown;
  on(event: 'failed', listener: (job: RunningJob | undefined, error: Error) => void): unknown;
}

/** What a worker runs for each job. */
export type ProcessJob = (job: RunningJob, token?: string) => Promise<void>;

/** Options of a worker, without those that belong to its backend. */
export type WorkerSettings = Omit<WorkerOptions, 'connection' | 'prefix'>;

/**
 * Makes the BullMQ `Worker`, for backends other than Redis:
 * `(name, process, settings) => new Worker(name, process, { ...settings, connection }, createPostgresBackend)`.
 */
export type WorkerFactory = (name: string, process: ProcessJob, settings: WorkerSettings) => JobWorker;

/** Stores jobs, each in the trace of its own request; resolves when all of them are safe. */
export function storeJobs(queue: JobQueue, jobs: readonly EventJob[]): Promise<unknown> {
  const contexts = queue.opts.telemetry?.contextManager;
  const [first] = jobs;
  if (first === undefined || jobs.length > 1) {
    const withTrace = ({ name, data, opts, context }: EventJob) => ({
      name,
      data,
      opts:
        contexts === undefined ? opts : { ...opts, telemetry: { metadata: contexts.getMetadata(context) } },
    });
    return queue.addBulk(jobs.map(withTrace));
  }
  const add = (): Promise<unknown> => queue.add(first.name, first.data, first.opts);
  return contexts === undefined ? add() : contexts.with(first.context, add);
}
