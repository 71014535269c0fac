/** Numbers events and writes them in groups: everything that is to be written while a write runs goes into the next one. */

import { within } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import { type Timer, unref } from '../../base/timers.js';
import type { Change } from './rows.js';

/** How long to wait before what must not be forgotten is written again after a failure, in milliseconds. */
export const REWRITE_MS = 1_000;

/**
 * What came of an event. `kept`: written, and its caller is told so. `abandoned`: written after its caller had
 * been refused. `refused`: not written.
 */
export type Outcome = 'kept' | 'abandoned' | 'refused';

/** An event on its way to the disk. */
export interface Arrival {
  /** What is to be written for it, once its number is known. Must not throw. */
  changes(number: number): readonly Change[];
  /** Called once for each event, for those that are written in the order of their numbers. Must not throw. */
  ended(outcome: Outcome, number: number): void;
}

interface Write {
  readonly changes: readonly Change[];
  readonly written: () => void;
  readonly failed: (cause: unknown) => void;
}

/*
 * One write runs at a time:
 *
 *   idle → scheduled → writing → idle, or scheduled when something was added meanwhile
 *
 * What events have come to (`settle`) is not dropped when a write fails: it stays and is written again with
 * the next write, or after `REWRITE_MS`. For each event the latest replaces what was not written yet.
 */
export class GroupWriter {
  readonly #write: (changes: readonly Change[]) => Promise<void>;
  readonly #failed: (cause: unknown) => void;
  // Replaced, never cleared: a table that `clear` leaves behind holds the next one, so that the garbage collector
  // frees none of them while they are young.
  #writes = new Map<number, Write>();
  #settled = new Map<number, readonly Change[]>();
  #next = 0;
  #arriving = 0;
  #scheduled = false;
  #timer: Timer | undefined;
  #stopped = false;
  /** Those who wait for the end of the next group. */
  #flushing: (() => void)[] = [];

  /** @param failed is told when something of `settle` could not be written. Must not throw. */
  constructor(write: (changes: readonly Change[]) => Promise<void>, failed: (cause: unknown) => void) {
    this.#write = write;
    this.#failed = failed;
  }

  /** Above the numbers of all events. */
  get next(): number {
    return this.#next;
  }

  /** Events that were added and have not ended. */
  get arriving(): number {
    return this.#arriving;
  }

  /** Events whose outcome is not written. */
  get unsettled(): number {
    return this.#settled.size;
  }

  /** Numbers below this one are taken. */
  found(next: number): void {
    this.#next = next;
  }

  /**
   * Resolves when the event is written. Events are written, and this resolves, in the order of the calls, which
   * is that of their numbers.
   * @param timeoutMs Milliseconds that its caller waits. Defaults to no bound.
   * @throws CallbackError `queue_failed` when it is not written, or the time is over first; `closing` after `stop`.
   */
  add(arrival: Arrival, timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#stopped) return Promise.reject(new CallbackError('closing'));
    const number = this.#next;
    this.#next += 1;
    this.#arriving += 1;
    let waiting = true;
    const end = (outcome: Outcome) => {
      this.#arriving -= 1;
      arrival.ended(outcome, number);
    };
    const written = new Promise<void>((resolve, reject) => {
      this.#writes.set(number, {
        changes: arrival.changes(number),
        written: () => {
          end(waiting ? 'kept' : 'abandoned');
          resolve();
        },
        failed: (cause) => {
          end('refused');
          reject(refusal('the disk queue could not store the event', cause));
        },
      });
    });
    this.#schedule();
    return within(written, timeoutMs, () => {
      waiting = false;
      // What is being written already may end either way.
      if (this.#writes.delete(number)) end('refused');
      return refusal('the disk queue could not store the event in time');
    });
  }

  /** Writes what has become of an event, sooner or later. */
  settle(number: number, changes: readonly Change[]): void {
    this.#settled.set(number, changes);
    this.#schedule();
  }

  /** Resolves when what was given so far is written, or a write of it failed. */
  async flush(): Promise<void> {
    if (this.#stopped || (!this.#scheduled && this.#settled.size === 0)) return;
    await new Promise<void>((resolve) => {
      this.#flushing.push(resolve);
      this.#schedule();
    });
  }

  /** Ends writing: what is not written now never will be. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    clearTimeout(this.#timer);
    // After all requests that can be read now, so that they share the write.
    setImmediate(() => void this.#writeGroup());
  }

  async #writeGroup(): Promise<void> {
    const writes = [...this.#writes.values()];
    const settled = [...this.#settled];
    this.#writes = new Map();
    this.#settled = new Map();
    const flushing = this.#flushing.splice(0);
    const changes = [...settled.map(([, made]) => made), ...writes.map((write) => write.changes)].flat();
    let failure: { readonly cause: unknown } | undefined;
    try {
      if (changes.length > 0) await this.#write(changes);
    } catch (cause) {
      failure = { cause };
    }
    this.#scheduled = false;
    if (failure === undefined) {
      for (const write of writes) write.written();
    } else {
      this.#keep(settled, failure.cause);
      for (const write of writes) write.failed(failure.cause);
    }
    for (const resolve of flushing) resolve();
    const more = this.#writes.size + this.#flushing.length > 0;
    if (more || (failure === undefined && this.#settled.size > 0)) this.#schedule();
    else if (this.#settled.size > 0) this.#scheduleLater();
  }

  #keep(settled: readonly (readonly [number, readonly Change[]])[], cause: unknown): void {
    if (settled.length === 0) return;
    for (const [number, changes] of settled) {
      if (!this.#settled.has(number)) this.#settled.set(number, changes);
    }
    this.#failed(cause);
  }

  #scheduleLater(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#schedule(), REWRITE_MS);
    // What is not written runs again after a restart: no reason to keep a process alive.
    unref(this.#timer);
  }
}

function refusal(message: string, cause?: unknown): CallbackError {
  return new CallbackError('queue_failed', { message, cause });
}
