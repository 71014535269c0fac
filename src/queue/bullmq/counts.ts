/** What lies in the queue, counted now and then: `stats()` is not async, and Redis is asked at most once a second. */

import type { JobQueue } from './store.js';

/** How old a count may be before the next look at it makes a new one, in milliseconds. */
export const COUNT_AGE_MS = 1_000;

/** A count of the jobs of all processes. */
export interface Count {
  /** May run now. */
  readonly waiting: number;
  /** Wait for a retry. */
  readonly held: number;
  /** When the oldest job that is not done was added, milliseconds since the Unix epoch; absent when there is none. */
  readonly oldest: number | undefined;
}

const NOTHING: Count = { waiting: 0, held: 0, oldest: undefined };

/** Counts jobs. */
export class Counts {
  readonly #queue: () => JobQueue;
  #last = NOTHING;
  #lastTime = Number.NEGATIVE_INFINITY;

  constructor(queue: () => JobQueue) {
    this.#queue = queue;
  }

  /** The last count. */
  get last(): Count {
    return this.#last;
  }

  /** Counts again when the last count is old; what fails is tried again at the next look. */
  refresh(): void {
    const now = performance.now();
    if (now - this.#lastTime < COUNT_AGE_MS) return;
    this.#lastTime = now;
    this.count().catch(() => undefined);
  }

  /** Nobody counts any more, and an old count would be taken for one of now. */
  end(): void {
    this.#last = NOTHING;
  }

  /** Counts now. Rejects when the store is away. */
  async count(): Promise<Count> {
    const queue = this.#queue();
    const [counts, oldest] = await Promise.all([
      queue.getJobCounts('waiting', 'prioritized', 'delayed'),
      queue.getJobs(['active', 'waiting', 'delayed'], 0, 0, true),
    ]);
    const { waiting = 0, prioritized = 0, delayed = 0 } = counts;
    const times = oldest.map(({ timestamp }) => timestamp);
    this.#last = {
      waiting: waiting + prioritized,
      held: delayed,
      oldest: times.length === 0 ? undefined : Math.min(...times),
    };
    return this.#last;
  }
}
