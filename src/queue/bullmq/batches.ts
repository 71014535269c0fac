/** Adds jobs in batches, each job within its own time. */

import { within } from '../../base/bounded-wait.js';
import { EntrySet, type Listed } from '../../base/entry-set.js';
import { CallbackError, type CallbackErrorOptions } from '../../base/errors.js';
import type { Timer } from '../../base/timers.js';
import type { EnqueueOptions } from '../queue.js';
import type { EventJob } from './job.js';

/** The pause before jobs that could not be stored are tried again, in milliseconds. */
export const RETRY_MS = 100;

/** Jobs that may wait for being stored at the same time: what a store that hangs may cost in memory. */
export const PENDING_MAX = 10_000;

/**
 * Stores jobs; resolves when all of them are safe. Adding a job twice must store it once.
 * @param stored may be told of a job that is safe before all are, by its place.
 */
export type StoreJobs = (jobs: EventJob[], stored: (place: number) => void) => Promise<unknown>;

interface Pending extends Listed<Pending> {
  readonly job: EventJob;
  readonly settle: (failure?: CallbackError) => void;
  /** Why the last attempt to store it failed. */
  cause: unknown;
}

/*
 * States of the store, as far as known:
 *
 *   up    each turn of the event loop, what was added during it is stored with one call; calls may overlap
 *   away  after a call that failed: one job goes ahead, `RETRY_MS` after the failure; when it is stored
 *         the store is up again, and all others follow with one call
 *
 * Invariant: `live` holds the jobs whose promise has not settled; each of them is in `waiting` or in one
 * call. A job leaves it when it is stored or when its time is over, whichever is first, and no call waits
 * longer than `timeoutMs`.
 */
export class Batches {
  readonly #store: StoreJobs;
  readonly #timeoutMs: number;
  readonly #live = new EntrySet<Pending>();
  #waiting: Pending[] = [];
  #away = false;
  /** Whether the job that goes ahead is on its way. */
  #ahead = false;
  #scheduled = false;
  #pause: Timer | undefined;
  #idle: (() => void) | undefined;

  /** @param timeoutMs is the most that a job may take. */
  constructor(store: StoreJobs, timeoutMs: number) {
    this.#store = store;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves when the job is stored.
   * @throws CallbackError `queue_full` or `queue_failed`; in the second case it may be stored all the same.
   */
  add(job: EventJob, { timeoutMs = this.#timeoutMs }: EnqueueOptions): Promise<void> {
    // Written so that NaN, too, is no time at all.
    if (!(timeoutMs > 0)) {
      return Promise.reject(failure({ message: 'nobody waits for the answer any more' }));
    }
    if (this.#live.size >= PENDING_MAX) return Promise.reject(new CallbackError('queue_full'));
    return new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        pending.settle(failure({ message: 'the event could not be stored in time', cause: pending.cause }));
      };
      const pending: Pending = {
        job,
        cause: undefined,
        link: undefined,
        settle: (error) => {
          this.#live.delete(pending);
          clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error);
          if (this.#live.size === 0) this.#idle?.();
        },
      };
      const timer = setTimeout(giveUp, Math.min(timeoutMs, this.#timeoutMs));
      this.#live.add(pending);
      this.#waiting.push(pending);
      this.#schedule();
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
  end(error: () => CallbackError): void {
    clearTimeout(this.#pause);
    for (let pending = this.#live.first; pending !== undefined; pending = this.#live.first) {
      pending.settle(error());
    }
  }

  /** Not a microtask: requests whose bytes came in one turn of the event loop each have their own. */
  #schedule(): void {
    if (this.#scheduled || this.#ahead || this.#pause !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#ahead) return;
    const waiting = this.#waiting.filter(isLive);
    const batch = this.#away ? waiting.splice(0, 1) : waiting.splice(0);
    this.#waiting = waiting;
    if (batch.length === 0) return;
    this.#ahead = this.#away;
    void this.#send(batch, this.#away);
  }

  async #send(batch: readonly Pending[], goesAhead: boolean): Promise<void> {
    const stored = (place: number): void => {
      const pending = batch[place];
      if (pending !== undefined && isLive(pending)) pending.settle();
    };
    const jobs = batch.map(({ job }) => job);
    try {
      await within(this.#store(jobs, stored), this.#timeoutMs);
      this.#away = false;
      for (const place of batch.keys()) stored(place);
    } catch (cause) {
      this.#away = true;
      for (const pending of batch) pending.cause = cause;
      this.#waiting.unshift(...batch);
      this.#pause ??= setTimeout(() => {
        this.#pause = undefined;
        this.#flush();
      }, RETRY_MS);
    }
    if (goesAhead) this.#ahead = false;
    if (this.#waiting.length > 0) this.#schedule();
  }
}

function isLive({ link }: Pending): boolean {
  return link !== undefined;
}

function failure(options: CallbackErrorOptions): CallbackError {
  return new CallbackError('queue_failed', options);
}
