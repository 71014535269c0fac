/**
 * A set of objects that come and go with every event. Not a `Set`: the tables that one outgrows hold each other, and
 * once one of them is old the garbage collector frees no entry, and no event of it, while it is young.
 */

import { type Link, LinkedList } from './linked-list.js';

/** What an entry keeps for the set that it is in. */
export interface Listed<T> {
  /** Its place; none before it is added, and when it has been taken out. Only the set writes it. */
  link: Link<T> | undefined;
}

/** Entries in the order in which they were added. An entry can be in one set. */
export class EntrySet<T extends Listed<T>> {
  readonly #entries = new LinkedList<T>();

  get size(): number {
    return this.#entries.size;
  }

  /** The entry that was added first. */
  get first(): T | undefined {
    return this.#entries.first;
  }

  /** Adds an entry that is not in here. */
  add(entry: T): void {
    entry.link = this.#entries.push(entry);
  }

  /** Takes an entry out; says whether it was in here. */
  delete(entry: T): boolean {
    if (entry.link === undefined) return false;
    this.#entries.remove(entry.link);
    entry.link = undefined;
    return true;
  }

  /** Takes out the entry that was added first. */
  take(): T | undefined {
    const { first } = this;
    if (first !== undefined) this.delete(first);
    return first;
  }
}
