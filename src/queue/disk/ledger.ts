/** The account of the rows that the directory must hold, kept in memory, and the audit of a directory against it. */

import type { Change, RowKind } from './rows.js';

/** Which rows there must be. */
export interface Account {
  /** Number of the last group of changes. */
  readonly sequence: number;
  /** Events from this number up to, but not including, `end` are on disk only. */
  readonly next: number;
  readonly end: number;
  /** Rows below `next` that the process has had in memory: of events, and of what it has put aside. */
  readonly held: ReadonlySet<number>;
  /** How many other rows there are below `end`: events on disk only, and what earlier processes have put aside. */
  readonly others: number;
}

/** What a group of changes says of itself, written together with it. */
export interface Note {
  readonly sequence: number;
  /** Rows there are after it. */
  readonly rows: number;
  /** Numbers of which no row is left. */
  readonly removed: readonly number[];
}

/** Most numbers of `held` among which are some that are put aside. */
const MOST_ASIDE_HELD = 2_048;

/**
 * Invariant: `held` has the numbers below `next` whose rows are on disk and that are in memory, or are done and the
 * removal is not written, or were put aside by this process.
 */
export class Ledger {
  sequence = 0;
  next = 0;
  end = 0;
  /** Events on disk only. */
  waiting = 0;
  /** Rows that are put aside, and not in `held`. */
  aside = 0;
  readonly held = new Set<number>();
  /** Rows that were found missing. */
  lost = 0;

  /** The note of a group that is about to be written. */
  noteOf(changes: readonly Change[]): Note {
    const removed = new Set<number>();
    let added = 0;
    for (const { type, kind, number } of changes) {
      if (type === 'del') removed.add(number);
      else if (kind !== 'event') removed.delete(number);
      else if (number >= this.end) added += 1;
    }
    const rows = this.held.size + this.waiting + this.aside + added - removed.size;
    return { sequence: this.sequence + 1, rows, removed: [...removed] };
  }

  /** The group is written. What the account is now: its new events are on disk only for a moment. */
  written(changes: readonly Change[], { sequence, removed }: Note): Account {
    this.sequence = sequence;
    for (const number of removed) {
      if (!this.held.delete(number) && number < this.next) this.aside -= 1;
    }
    let end = this.end;
    let added = 0;
    for (const { type, kind, number } of changes) {
      if (type === 'del') continue;
      if (kind !== 'event' && this.held.size > MOST_ASIDE_HELD && this.held.delete(number)) this.aside += 1;
      if (kind !== 'event' || number < this.end) continue;
      added += 1;
      end = number + 1;
    }
    const { next, held } = this;
    return { sequence, next, end, held, others: this.waiting + this.aside + added };
  }
}

/**
 * Counts what is missing in a directory, from the rows that are there.
 *
 * A group is written to the store, then to the witness. So the store may be ahead by the group in which the
 * process ended, and its note tells what that one removed. After a power failure it may be ahead by more, for
 * nobody waits until the disk has the witness: then the number of rows in the store's own note has to do.
 */
export class Audit {
  readonly #account: Account;
  readonly #held: Set<number>;
  /** What the last group removed, where the account does not know it yet. */
  readonly #done: ReadonlySet<number>;
  #others: number;

  /** @param account what the witness says. */
  constructor(account: Account | undefined, note: Note | undefined) {
    const ahead = (note?.sequence ?? 0) - (account?.sequence ?? 0);
    this.#account =
      account !== undefined && ahead <= 1 ? account : countedOnly(note?.sequence ?? 0, note?.rows ?? 0);
    this.#done = new Set(account !== undefined && ahead === 1 ? note?.removed : []);
    this.#held = new Set(this.#account.held);
    this.#others = this.#account.others;
    for (const number of this.#done) {
      if (!this.#held.delete(number)) this.#others -= 1;
    }
  }

  /** A row is there. */
  see(kind: RowKind, number: number): void {
    const { next, end } = this.#account;
    if (this.#held.delete(number) || number >= end || this.#done.has(number)) return;
    // An event below is done, and the news of it is lost: it runs again, and stands for no other one.
    if (kind !== 'event' || number >= next) this.#others -= 1;
  }

  get missing(): number {
    return this.#held.size + Math.max(0, this.#others);
  }
}

function countedOnly(sequence: number, rows: number): Account {
  return { sequence, next: 0, end: Number.POSITIVE_INFINITY, held: new Set(), others: rows };
}
