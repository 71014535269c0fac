/** A pool for tests, whose jobs end when the test says so. */

import { type PoolLimits, WorkerPool } from '../../src/queue/pool/worker-pool.js';
import { settled } from './queue-events.js';

export interface Job {
  readonly name: string;
}

/** A pool whose jobs run until the test ends them. */
export class Bench {
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  readonly jobs = new Map<string, Job>();
  readonly pool: WorkerPool<Job>;
  onEnded: () => void = () => undefined;
  readonly #running = new Map<string, (held: boolean) => void>();

  constructor(limits: Partial<PoolLimits>) {
    this.pool = new WorkerPool<Job>(
      { workers: 1, capacity: 1, assistMax: 1, idleMs: 1000, ...limits },
      (job) => {
        this.ended.push(job.name);
        this.onEnded();
      },
    );
  }

  start(): this {
    this.pool.start((job) => {
      this.begun.push(job.name);
      return new Promise((resolve) => this.#running.set(job.name, resolve));
    });
    return this;
  }

  job(name: string): Job {
    const job = this.jobs.get(name) ?? { name };
    this.jobs.set(name, job);
    return job;
  }

  async offer(...names: string[]): Promise<boolean[]> {
    const accepted = names.map((name) => this.pool.offer(this.job(name)));
    await settled();
    return accepted;
  }

  async end(name: string, held = false): Promise<void> {
    this.#running.get(name)?.(held);
    this.#running.delete(name);
    await settled();
  }

  get running(): string[] {
    return [...this.#running.keys()];
  }

  /** busy, waiting, assist */
  get figures(): number[] {
    return [this.pool.busy, this.pool.waiting, this.pool.assist];
  }
}
