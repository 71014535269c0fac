/** Stores jobs, each within its own time; while the store is away one job goes ahead of the others. */

import { within } from '../../base/bounded-wait.js';
import { EntrySet, type Listed } from '../../base/entry-set.js';
import { CallbackError } from '../../base/errors.js';
import type { Timer } from '../../base/timers.js';
import type { EnqueueOptions } from '../queue.js';
import type { EventJob } from './job.js';
import { plainWordsFor } from './store-failures.js';

/** How often a job is tried while the store is away, in milliseconds. */
export const RETRY_MS = 100;

/** Jobs that may wait for being stored at the same time: what a store that hangs may cost in memory. */
export const PENDING_MAX = 10_000;

/** How an intake stores. */
export interface IntakeOptions {
  /** Stores jobs; resolves when all of them are safe. Storing a job twice must keep it once. */
  readonly store: (jobs: readonly EventJob[]) => Promise<unknown>;
  /** Whether what came during one turn of the event loop is stored with one call; else each job has its own. */
  readonly together: boolean;
  /** The most milliseconds that a job, and a call, may take. */
  readonly timeoutMs: number;
}

interface Pending extends Listed<Pending> {
  readonly job: EventJob;
  readonly settle: (failure?: CallbackError) => void;
  /** Why the last attempt to store it failed. */
  cause: unknown;
}

/*
 * The store, as far as known:
 *
 *   there  jobs are stored as they come; calls may overlap
 *   away   after a call that failed: each `RETRY_MS` one job is tried. When one is stored, or none waits, the
 *          store counts as there again, and all that wait follow
 *
 * Invariant: `live` holds the jobs whose promise has not settled; each of them is in `waiting` or in one call.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #live = new EntrySet<Pending>();
  #waiting: Pending[] = [];
  /** There while the store is away. */
  #retries: Timer | undefined;
  #scheduled = false;
  #idle: (() => void) | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the job is stored.
   * @throws CallbackError `queue_full` or `queue_failed`; in the second case it may be stored all the same.
   */
  add(job: EventJob, { timeoutMs = this.#options.timeoutMs }: EnqueueOptions): Promise<void> {
    // Written so that NaN, too, is no time at all.
    if (!(timeoutMs > 0)) return Promise.reject(refusal('nobody waits for the answer any more', undefined));
    if (this.#live.size >= PENDING_MAX) return Promise.reject(new CallbackError('queue_full'));
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        const { cause } = pending;
        pending.settle(refusal(plainWordsFor(cause) ?? 'the event could not be stored in time', cause));
      };
      const timer = setTimeout(giveUp, Math.min(timeoutMs, this.#options.timeoutMs));
      const pending: Pending = {
        job,
        cause: undefined,
        link: undefined,
        settle: (failure) => {
          if (!this.#live.delete(pending)) return;
          clearTimeout(timer);
          if (failure === undefined) resolve();
          else reject(failure);
          if (this.#live.size === 0) this.#idle?.();
        },
      };
      this.#live.add(pending);
      this.#waiting.push(pending);
      this.#begin();
    });
  }

  /** Resolves when no job waits for being stored; at the latest when the time of the last one is over. */
  async idle(): Promise<void> {
    if (this.#live.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Gives up what is not stored yet. */
  end(): void {
    this.#countAsThere();
    for (let left = this.#live.first; left !== undefined; left = this.#live.first) {
      left.settle(new CallbackError('closing'));
    }
  }

  #begin(): void {
    if (this.#retries !== undefined || this.#scheduled) return;
    if (!this.#options.together) {
      this.#flush(PENDING_MAX);
      return;
    }
    this.#scheduled = true;
    // Not a microtask: requests whose bytes came in one turn of the event loop each have their own.
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#retries === undefined) this.#flush(PENDING_MAX);
    });
  }

  /** Sends so many of those that wait; says whether there were any. */
  #flush(count: number): boolean {
    const waiting = this.#waiting.filter(({ link }) => link !== undefined);
    const jobs = waiting.splice(0, count);
    this.#waiting = waiting;
    if (this.#options.together && jobs.length > 0) void this.#send(jobs);
    else for (const job of jobs) void this.#send([job]);
    return jobs.length > 0;
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    const { store, timeoutMs } = this.#options;
    try {
      await within(store(batch.map(({ job }) => job)), timeoutMs);
    } catch (cause) {
      for (const pending of batch) pending.cause = cause;
      this.#waiting.unshift(...batch);
      this.#retries ??= setInterval(() => {
        if (!this.#flush(1)) this.#countAsThere();
      }, RETRY_MS);
      return;
    }
    for (const pending of batch) pending.settle();
    if (this.#retries === undefined) return;
    this.#countAsThere();
    this.#flush(PENDING_MAX);
  }

  #countAsThere(): void {
    clearInterval(this.#retries);
    this.#retries = undefined;
  }
}

function refusal(message: string, cause: unknown): CallbackError {
  return new CallbackError('queue_failed', { message, cause });
}
