/** Which accepted events are on disk only, and their way into memory: a few at a time, in order. */

import { type Timer, unref } from '../../base/timers.js';
import type { Ledger } from './ledger.js';
import type { Inventory } from './opening.js';
import type { Row, Rows, Span } from './rows.js';

/** Most rows of one read. */
export const READ_ROWS = 100;

/** How long to wait before a read that failed is tried again, in milliseconds. */
export const REREAD_MS = 1_000;

/** What the backlog needs from the queue. */
export interface BacklogOwner {
  /** Reads events. */
  read(span: Span): Promise<Rows>;
  /** How many more events there is room for in memory. */
  room(): number;
  /** All rows of a read are loaded. Must not throw. */
  loaded(): void;
  /** Told when a read failed. Must not throw. */
  failed(cause: unknown): void;
}

/*
 * Numbers of events, in order:
 *
 *   done or in memory │ on disk only │ not written yet
 *                     next           end
 *
 * Invariant: an event goes from the disk into memory only when all before it have. While `next` < `end` every
 * event that is accepted joins those on disk, and is read when it is its turn. Where the numbers stand is in the
 * ledger.
 */
export class Backlog {
  readonly #ledger: Ledger;
  readonly #owner: BacklogOwner;
  /** Takes an event into memory, or puts it aside; absent before `begin` and after `stop`. */
  #load: ((row: Row) => void) | undefined;
  #reading = false;
  #timer: Timer | undefined;

  constructor(ledger: Ledger, owner: BacklogOwner) {
    this.#ledger = ledger;
    this.#owner = owner;
  }

  /** How many events are on disk only. */
  get size(): number {
    return this.#ledger.waiting;
  }

  /** What earlier processes have left: so many events, all numbers below `next`. */
  found({ events, next }: Inventory): void {
    this.#ledger.waiting = events;
    this.#ledger.end = next;
    if (events === 0) this.#ledger.next = next;
  }

  /** Whether an event that is accepted now may stay in memory. */
  get caughtUp(): boolean {
    return this.#ledger.next === this.#ledger.end;
  }

  /** The next number is written, and its event is in memory, or not to be run. */
  passed(number: number): void {
    const { caughtUp } = this;
    this.#ledger.end = number + 1;
    if (!caughtUp) return;
    this.#ledger.next = this.#ledger.end;
    this.#ledger.held.add(number);
  }

  /** The next number is written, and its event is on disk only. */
  joined(number: number): void {
    this.#ledger.end = number + 1;
    this.#ledger.waiting += 1;
    this.feed();
  }

  /**
   * From now on events are read.
   * @param load takes one into memory, or puts it aside; must not throw.
   */
  begin(load: (row: Row) => void): void {
    this.#load = load;
    this.feed();
  }

  /** Ends reading. */
  stop(): void {
    this.#load = undefined;
    clearTimeout(this.#timer);
  }

  /** The directory is gone, and with it what is on disk only. Gives how many events that were. */
  lose(): number {
    this.stop();
    const { waiting, end } = this.#ledger;
    this.#ledger.waiting = 0;
    this.#ledger.next = end;
    this.#ledger.lost += waiting;
    return waiting;
  }

  /** Reads while there is room; called whenever there may be. */
  feed(): void {
    if (this.#load !== undefined && !this.#reading) void this.#feed();
  }

  async #feed(): Promise<void> {
    this.#reading = true;
    clearTimeout(this.#timer);
    try {
      while (this.#load !== undefined && !this.caughtUp && this.#owner.room() > 0) await this.#readSome();
    } catch (cause) {
      // Closing the store ends a read, too.
      if (this.#load !== undefined) this.#tryLater(cause);
    } finally {
      this.#reading = false;
    }
  }

  async #readSome(): Promise<void> {
    const ledger = this.#ledger;
    const { next: from, end, waiting: before } = ledger;
    const limit = Math.min(READ_ROWS, this.#owner.room());
    const { rows, next } = await this.#owner.read({ from, end, limit });
    const load = this.#load;
    if (load === undefined) return;
    const joined = ledger.waiting - before;
    ledger.next = next ?? end;
    for (const row of rows) {
      ledger.waiting = Math.max(joined, ledger.waiting - 1);
      ledger.held.add(row.number);
      load(row);
    }
    // A failed write may have left a row that nobody counted: at the end of the span it is known how many there are.
    if (next === undefined) ledger.waiting = joined;
    this.#owner.loaded();
  }

  #tryLater(cause: unknown): void {
    this.#owner.failed(cause);
    this.#timer = setTimeout(() => this.feed(), REREAD_MS);
    // What is on disk is safe there: no reason to keep a process alive.
    unref(this.#timer);
  }
}
