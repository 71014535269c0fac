/** Group commit: everything that is to be written while a write runs goes into the next one together. */

import { type Timer, unref } from '../../base/timers.js';
import type { Change } from './store.js';

/** How long to wait before what must not be forgotten is written again after a failure, in milliseconds. */
export const REWRITE_MS = 1_000;

/** Changes whose outcome somebody waits for. Not repeated when they fail. */
export interface Write {
  readonly changes: readonly Change[];
  /** Called once, in the order in which the writes were added. Must not throw. */
  readonly written: () => void;
  /** Called once instead. Must not throw. */
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
  #writes = new Set<Write>();
  #settled = new Map<number, readonly Change[]>();
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

  /** Events whose outcome is not written. */
  get unsettled(): number {
    return this.#settled.size;
  }

  /** Writes with the next group. */
  add(write: Write): void {
    this.#writes.add(write);
    this.#schedule();
  }

  /** Takes back what has not begun to be written. `false`: it has, or is. */
  cancel(write: Write): boolean {
    return this.#writes.delete(write);
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
    const writes = [...this.#writes];
    const settled = [...this.#settled];
    this.#writes = new Set();
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
