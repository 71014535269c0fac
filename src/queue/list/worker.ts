/** Takes items from a source and runs the handlers of their events. */

import { CallbackError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { Run } from '../attempt.js';
import { WorkerPool } from '../pool/worker-pool.js';
import type { EventConsumer, QueueProblem } from '../queue.js';
import { tell } from '../report.js';
import { countsOf, jsonOf, nextItem } from './item.js';
import type { ResolvedListOptions } from './options.js';
import type { ListSource } from './source.js';

/** What a worker needs beside its source. */
export interface ListWorkerSettings
  extends Pick<ResolvedListOptions, 'workers' | 'attempts' | 'backoff' | 'pause'> {
  /** Length of the list. */
  readonly length: () => Promise<number>;
  /** Told how many items were taken. */
  readonly taken: (count: number) => void;
}

/** An item that a handler has. */
interface Job {
  readonly text: string;
}

/*
 * taking → draining → over
 *
 * One loop asks the source, for as many items as workers are free. An item is given to a worker, which settles
 * it with the source before it is free again: while the store is away nothing more is taken. Draining, the
 * loop takes what was on the list when that began, and ends. When all is over what is not settled is left to
 * the source, which gives it back.
 */
export class ListWorker {
  readonly #source: ListSource;
  readonly #settings: ListWorkerSettings;
  readonly #consumer: EventConsumer;
  readonly #pool: WorkerPool<Job>;
  readonly #over = new AbortController();
  readonly #running = new Map<Run, AnyCallbackEvent>();
  #looping: Promise<void> = Promise.resolve();
  #draining = false;
  /** Those who wait until a worker is free, or all are. */
  #wake: (() => void) | undefined;
  /** Whether the last that was heard of the store was a failure. */
  #away = false;
  completed = 0;
  failed = 0;
  retried = 0;
  dead = 0;

  constructor(source: ListSource, settings: ListWorkerSettings, consumer: EventConsumer) {
    this.#source = source;
    this.#settings = settings;
    this.#consumer = consumer;
    const limits = { workers: settings.workers, capacity: 0, assistMax: 0, idleMs: 0 };
    this.#pool = new WorkerPool(limits, () => this.#wake?.());
  }

  /** Workers that have an item. */
  get active(): number {
    return this.#pool.busy;
  }

  /** When the oldest event that is being handled was received; Unix milliseconds. */
  get oldestReceivedAt(): number | undefined {
    const times = [...this.#running.values()].map((event) => event.receivedAt.getTime());
    return times.length === 0 ? undefined : Math.min(...times);
  }

  start(): void {
    this.#source.start({
      failed: (thrown) => this.#failed(thrown),
      dead: (text, error) => this.#died(text, error),
    });
    this.#pool.start((job) => this.#run(job));
    this.#looping = this.#loop();
  }

  /** Takes no more than is on the list now. Resolves when all of it is done. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#looping;
    while (this.active > 0 && !this.#isOver) await this.#change();
  }

  /** Ends everything: what still runs is asked to stop, and its outcome is ignored. Resolves when nothing is taken any more. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#pool.stop();
    for (const run of this.#running.keys()) run.abort();
    this.#wake?.();
    await this.#looping;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #loop(): Promise<void> {
    let left: number | undefined;
    for (let failures = 0; !this.#isOver; ) {
      const free = this.#settings.workers - this.active;
      if (free === 0) {
        await this.#change();
        continue;
      }
      try {
        if (this.#draining) left ??= await this.#settings.length();
        if (left === 0) return;
        const texts = await this.#source.take(Math.min(free, left ?? free), left === undefined);
        failures = 0;
        this.#away = false;
        for (const text of texts) this.#pool.offer({ text });
        this.#settings.taken(texts.length);
        if (left !== undefined) left = texts.length === 0 ? 0 : left - texts.length;
      } catch (thrown) {
        failures += 1;
        this.#failed(thrown);
        await this.#pause(failures);
      }
    }
  }

  /** Handles one item; `false`: it needs no other run by this pool. Never rejects. */
  async #run({ text }: Job): Promise<false> {
    const value = jsonOf(text);
    let event: AnyCallbackEvent;
    try {
      event = this.#consumer.decode(value);
    } catch (thrown) {
      this.#report({ kind: 'invalid', error: CallbackError.from(thrown, 'body_not_json') });
      await this.#settle(() => this.#source.putAside('invalid', text, text));
      return false;
    }
    const { runs, returns } = countsOf(text);
    if (runs > returns) this.retried += 1;
    const run = new Run(runs + 1);
    this.#running.set(run, event);
    try {
      await this.#consumer.consume(event, run);
    } catch (thrown) {
      const next = nextItem(text, value, event, { runs: runs + 1, returns });
      const error = CallbackError.from(thrown, 'handler_failed');
      if (!this.#isOver)
        await this.#fail(text, next, { error, event, attempt: runs + 1 }, runs - returns + 1);
      return false;
    } finally {
      this.#running.delete(run);
    }
    if (this.#isOver) return false;
    this.completed += 1;
    await this.#settle(() => this.#source.done(text));
    return false;
  }

  async #fail(
    text: string,
    next: string,
    problem: Omit<QueueProblem, 'kind'>,
    failures: number,
  ): Promise<void> {
    this.failed += 1;
    if (failures < this.#settings.attempts) {
      this.#report({ ...problem, kind: 'retry' });
      const waitMs = this.#settings.backoff(failures);
      await this.#settle(() => this.#source.retry(text, next, waitMs));
    } else {
      this.dead += 1;
      this.#report({ ...problem, kind: 'dead' });
      await this.#settle(() => this.#source.putAside('dead', text, next));
    }
  }

  /** An item that killed its processes. */
  #died(text: string, error: CallbackError): void {
    this.dead += 1;
    const attempt = countsOf(text).runs;
    try {
      const event = this.#consumer.decode(jsonOf(text));
      this.#report({ kind: 'dead', error, event, attempt });
    } catch {
      this.#report({ kind: 'dead', error, attempt });
    }
  }

  /** Tells the source of an item until it has understood. */
  async #settle(store: () => Promise<unknown>): Promise<void> {
    for (let failures = 1; !this.#isOver; failures += 1) {
      try {
        await store();
        this.#away = false;
        return;
      } catch (thrown) {
        this.#failed(thrown);
        await this.#pause(failures);
      }
    }
  }

  /** Reports the first failure of an outage. */
  #failed(cause: unknown): void {
    if (this.#away || this.#isOver) return;
    this.#away = true;
    const message = 'the store of the list failed; it is tried again';
    this.#report({ kind: 'store', error: new CallbackError('queue_failed', { message, cause }) });
  }

  #report(problem: QueueProblem): void {
    tell(this.#consumer, problem);
  }

  /** Resolves when a worker has become free, or all is over. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #pause(failures: number): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, this.#settings.pause(failures));
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}
