/**
 * A list that takes and gives at both ends and gives up a value in its middle, each in constant time.
 * The queue libraries are built on arrays or single links: taking a waiter out of the middle walks them.
 */

/** Where a value is in its list. */
export interface Link<T> {
  readonly value: T;
  previous: Link<T> | undefined;
  next: Link<T> | undefined;
}

/** Values in the order in which they were pushed. */
export class LinkedList<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value that was pushed first. */
  get first(): T | undefined {
    return this.#first?.value;
  }

  /** Appends a value. The link is what `remove` takes. */
  push(value: T): Link<T> {
    const link: Link<T> = { value, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** Takes the first value. */
  shift(): T | undefined {
    return this.#take(this.#first);
  }

  /** Takes the last value. */
  pop(): T | undefined {
    return this.#take(this.#last);
  }

  /** Takes out a value that is in this list. */
  remove(link: Link<T>): void {
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
    // A link that somebody still holds must not keep the rest of the list from being collected.
    link.previous = undefined;
    link.next = undefined;
    this.#size -= 1;
  }

  #take(link: Link<T> | undefined): T | undefined {
    if (link === undefined) return undefined;
    this.remove(link);
    return link.value;
  }
}
