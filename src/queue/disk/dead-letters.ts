/** What the disk queue has put aside: dead letters and what is no event. Lists them, and revives the dead. */

import { wholeNumber } from '../../base/checks.js';
import { idFrom } from './record.js';
import type { DiskStore, Row, RowKind } from './store.js';

/** Which part of a list is wanted. */
export interface ListOptions {
  /** Most items. At least 1. Default 1,000. */
  readonly limit?: number;
  /** Items to leave out at the beginning. Default 0. */
  readonly skip?: number;
}

export const LIST_LIMIT = 1_000;

/** Rows of one read. */
const PAGE = 100;

/** The rows that are put aside in a store. */
export class Aside {
  readonly #store: DiskStore;
  readonly #end: () => number;
  #reviving: Promise<unknown> = Promise.resolve();

  /** @param end a number above those of all rows. */
  constructor(store: DiskStore, end: () => number) {
    this.#store = store;
    this.#end = end;
  }

  /**
   * Texts of the rows of a kind, oldest event first.
   * @throws ConfigurationError `option_invalid`
   */
  async list(kind: RowKind, options: ListOptions): Promise<string[]> {
    const limit = wholeNumber('limit', options.limit, { fallback: LIST_LIMIT, min: 1 });
    let skip = wholeNumber('skip', options.skip, { fallback: 0, min: 0 });
    const texts: string[] = [];
    for await (const page of this.#pages(kind)) {
      for (const { text } of page.slice(skip, skip + limit - texts.length)) texts.push(text);
      skip = Math.max(0, skip - page.length);
      if (texts.length === limit) break;
    }
    return texts;
  }

  /**
   * Hands out dead letters, a few at a time, and waits until they are events again.
   * @param id of the one; without it all that there are now.
   * @returns how many there were.
   */
  revive(id: string | undefined, revive: (row: Row) => Promise<void>): Promise<number> {
    // One call after the other: two must not both find the same letter.
    const revived = this.#reviving.then(() => this.#revive(id, revive));
    this.#reviving = revived.catch(() => undefined);
    return revived;
  }

  async #revive(id: string | undefined, revive: (row: Row) => Promise<void>): Promise<number> {
    let count = 0;
    for await (const page of this.#pages('dead')) {
      const rows = id === undefined ? page : page.filter(({ text }) => idFrom(text) === id);
      await Promise.all(rows.map(revive));
      count += rows.length;
    }
    return count;
  }

  /** Rows that there are now. */
  async *#pages(kind: RowKind): AsyncGenerator<readonly Row[]> {
    const end = this.#end();
    for (let from: number | undefined = 0; from !== undefined; ) {
      const { rows, next }: Awaited<ReturnType<DiskStore['read']>> = await this.#store.read(kind, {
        from,
        end,
        limit: PAGE,
      });
      yield rows;
      from = next;
    }
  }
}
