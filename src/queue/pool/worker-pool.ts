/**
 * The bounded pool behind the memory queue: masters that are always there, a list, and assist workers that
 * come when the list is full and go when they are idle. It knows jobs, not events.
 */

import { LinkedList } from '../../base/linked-list.js';
import { type Timer, unref } from '../../base/timers.js';
import { Turns } from './turns.js';

/*
 * A worker is a slot that runs one job at a time:
 *
 *   master   idle ⇄ busy                    `workers` of them, for ever
 *   assist   (made) → busy ⇄ idle → (gone)  at most `assistMax`; gone after `idleMs` of idleness
 *
 * A job that was accepted has exactly one place until it has ended:
 *
 *   offer ──→ listed ──→ busy ──→ ended
 *     │                  ↑  │ run resolved with true
 *     └──────────────────┤  ↓
 *   hold ──→ held ───────┘ held       held → listed or busy: resume
 *
 * Invariants, from `start` on:
 *
 *   1. busy + listed + held ≤ workers + assistMax + capacity. Only `offer` and `hold` make the sum grow, and
 *      they refuse when it is reached.
 *   2. While a job is listed no worker is idle: a worker that is done takes from the list before it rests,
 *      and `place` lists a job only when nobody is idle.
 *   3. While a job is listed, listed + held ≤ capacity: `place` lists only below it, and what is held
 *      beyond it makes an assist worker take from the list.
 *
 * From 1 follows that `place` always finds a place for a job that may have one: when nobody is idle and
 * listed + held ≥ capacity, fewer than assistMax assist workers exist, or the sum would be over the bound.
 * Before `start` every accepted job is listed, up to the same bound.
 *
 * Jobs leave the list, and begin, in the order in which they entered it. The job for which an assist worker is made
 * never was in it, so it overtakes those that are, as in the Go package; events that need an order have keys (order.ts).
 */

/** The sizes of a pool; all are whole numbers from 0 up, and `workers` from 1 up. */
export interface PoolLimits {
  readonly workers: number;
  readonly capacity: number;
  readonly assistMax: number;
  /** Milliseconds of idleness after which an assist worker ends. */
  readonly idleMs: number;
}

/**
 * Runs a job. Never rejects. `true`: the job is not over, keeps its place and comes back through `resume`,
 * which must not be called before this has resolved.
 */
export type RunJob<Job> = (job: Job) => Promise<boolean>;

/** See the state machine above. */
export class WorkerPool<Job extends object> {
  readonly #limits: PoolLimits;
  readonly #bound: number;
  readonly #ended: (job: Job) => void;
  readonly #list = new LinkedList<Job>();
  readonly #turns = new Turns();
  /** Their idle timers; who became idle last is last. */
  readonly #idleAssists = new LinkedList<Timer>();
  #idleMasters: number;
  #assist = 0;
  #held = 0;
  #run: RunJob<Job> | undefined;
  #stopped = false;

  /** @param ended is called for each job that is over, when its place is free again. Must not throw. */
  constructor(limits: PoolLimits, ended: (job: Job) => void) {
    this.#limits = limits;
    this.#bound = limits.workers + limits.capacity + limits.assistMax;
    this.#idleMasters = limits.workers;
    this.#ended = ended;
  }

  /** Whether no other job can be accepted. */
  get full(): boolean {
    return this.#stopped || this.busy + this.waiting >= this.#bound;
  }

  /** Jobs that workers have. */
  get busy(): number {
    return this.#limits.workers - this.#idleMasters + this.#assist - this.#idleAssists.size;
  }

  /** Jobs that are accepted and that no worker has. */
  get waiting(): number {
    return this.#list.size + this.#held;
  }

  /** Assist workers that are alive. */
  get assist(): number {
    return this.#assist;
  }

  /** Accepts a job that may run at once. `false`: there is no place. */
  offer(job: Job): boolean {
    if (this.full) return false;
    this.#place(job);
    return true;
  }

  /** Takes a place for a job that may not run yet; `resume` brings it. `false`: there is no place. */
  hold(): boolean {
    if (this.full) return false;
    this.#held += 1;
    if (this.#run !== undefined) this.#relieve(this.#run);
    return true;
  }

  /** A job that has a place, by `hold` or because its run resolved with `true`, may run now. */
  resume(job: Job): void {
    this.#held -= 1;
    this.#place(job);
  }

  /** Lets the workers begin. */
  start(run: RunJob<Job>): void {
    this.#run = run;
    while (this.#idleMasters > 0) {
      const job = this.#list.shift();
      if (job === undefined) return;
      this.#wakeMaster(run, job);
    }
    this.#relieve(run);
  }

  /** Ends the pool: jobs that have not begun never will, and none may be resumed; running ones go on. */
  stop(): void {
    this.#stopped = true;
    this.#held = 0;
    while (this.#list.shift() !== undefined);
    for (let timer = this.#idleAssists.pop(); timer !== undefined; timer = this.#idleAssists.pop()) {
      clearTimeout(timer);
      this.#assist -= 1;
    }
  }

  #place(job: Job): void {
    if (this.#run === undefined) {
      this.#list.push(job);
      return;
    }
    if (this.#idleMasters > 0) {
      this.#wakeMaster(this.#run, job);
      return;
    }
    // The one that became idle last: the others then reach the end of their idle time.
    const idleTimer = this.#idleAssists.pop();
    if (idleTimer !== undefined) {
      clearTimeout(idleTimer);
      void this.#work(this.#run, job, true);
    } else if (this.waiting < this.#limits.capacity) {
      this.#list.push(job);
    } else {
      this.#addAssist(this.#run, job);
    }
  }

  /** Keeps invariant 3 when something other than `place` filled the list. */
  #relieve(run: RunJob<Job>): void {
    while (this.waiting > this.#limits.capacity) {
      const job = this.#list.shift();
      if (job === undefined) return;
      this.#addAssist(run, job);
    }
  }

  #wakeMaster(run: RunJob<Job>, job: Job): void {
    this.#idleMasters -= 1;
    void this.#work(run, job, false);
  }

  #addAssist(run: RunJob<Job>, job: Job): void {
    this.#assist += 1;
    void this.#work(run, job, true);
  }

  /** A worker from when it is woken until it is idle. */
  async #work(run: RunJob<Job>, first: Job, assist: boolean): Promise<void> {
    let job: Job | undefined = first;
    // What offered the job goes on first, so that an answer is sent before a long handler begins.
    await this.#turns.next();
    while (job !== undefined && !this.#stopped) {
      job = this.#next(job, await run(job), assist);
      if (job !== undefined && this.#turns.over()) await this.#turns.next();
    }
    if (job !== undefined) this.#rest(assist);
  }

  /** What comes after a run: the worker's next job, or none and the worker is idle. */
  #next(done: Job, held: boolean, assist: boolean): Job | undefined {
    if (held) this.#held += 1;
    const next = this.#list.shift();
    if (next === undefined) this.#rest(assist);
    // Last, so that what it offers finds this worker idle or the list one shorter.
    if (!held) this.#ended(done);
    return next;
  }

  #rest(assist: boolean): void {
    if (!assist) {
      this.#idleMasters += 1;
    } else if (this.#stopped) {
      this.#assist -= 1;
    } else {
      const timer = setTimeout(() => {
        this.#idleAssists.remove(link);
        this.#assist -= 1;
      }, this.#limits.idleMs);
      unref(timer);
      const link = this.#idleAssists.push(timer);
    }
  }
}
