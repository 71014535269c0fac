/** What the disk queue has put aside: dead letters and what is no event. Lists them, and revives the dead. */

import { wholeNumber } from '../../base/checks.js';
import { CallbackError } from '../../base/errors.js';
import type { EventConsumer } from '../queue.js';
import { type DeadLetter, type InvalidItem, idFrom, invalidFrom, letterFrom, revivedText } from './record.js';
import { put, type Row, type RowKind, type Rows, remove } from './rows.js';
import type { DiskStore } from './store.js';
import type { Arrival, GroupWriter } from './writer.js';

/** What can be done with what is put aside. */
export interface PutAside {
  /** Events whose last run failed, oldest first. Needs `start`. */
  dead(options?: ListOptions): Promise<readonly DeadLetter[]>;
  /**
   * Runs dead letters again, behind all other events, with all their attempts.
   * @param id The event's id. Defaults to all dead letters.
   * @returns how many there were.
   */
  retryDead(id?: string): Promise<number>;
  /** What lay in the directory and is no event, oldest first. */
  invalid(options?: ListOptions): Promise<readonly InvalidItem[]>;
}

/** Which part of a list is wanted. */
export interface ListOptions {
  /** Most items. At least 1. Defaults to 1,000. */
  readonly limit?: number;
  /** Items to leave out at the beginning. From 0. Defaults to 0. */
  readonly skip?: number;
}

export const LIST_LIMIT = 1_000;

/** Rows of one read. */
const PAGE = 100;

/** What is needed of the queue. */
export interface DeadLettersOwner {
  /** @throws CallbackError when the queue is not open. */
  checkUsable(): void;
  consumer(): EventConsumer | undefined;
  /** What came of a dead letter on its way to be an event. Must not throw. */
  readonly revived: Arrival['ended'];
}

/** The rows that are put aside in a store. */
export class DeadLetters implements PutAside {
  readonly #store: DiskStore;
  readonly #writer: GroupWriter;
  readonly #owner: DeadLettersOwner;
  #reviving: Promise<unknown> = Promise.resolve();

  constructor(store: DiskStore, writer: GroupWriter, owner: DeadLettersOwner) {
    this.#store = store;
    this.#writer = writer;
    this.#owner = owner;
  }

  async dead(options: ListOptions = {}): Promise<readonly DeadLetter[]> {
    this.#owner.checkUsable();
    const consumer = this.#owner.consumer();
    if (consumer === undefined) {
      throw new CallbackError('queue_failed', { message: 'the queue is not started' });
    }
    const texts = await this.#list('dead', options);
    return texts.map((text) => letterFrom(text, (item) => consumer.decode(item)));
  }

  async invalid(options: ListOptions = {}): Promise<readonly InvalidItem[]> {
    this.#owner.checkUsable();
    return (await this.#list('invalid', options)).map(invalidFrom);
  }

  async retryDead(id?: string): Promise<number> {
    this.#owner.checkUsable();
    // One call after the other: two must not both find the same letter.
    const revived = this.#reviving.then(() => this.#revive(id));
    this.#reviving = revived.catch(() => undefined);
    return revived;
  }

  async #list(kind: RowKind, options: ListOptions): Promise<string[]> {
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

  async #revive(id: string | undefined): Promise<number> {
    let count = 0;
    for await (const page of this.#pages('dead')) {
      const rows = id === undefined ? page : page.filter(({ text }) => idFrom(text) === id);
      const arrivals = rows.map((row) => revivalOf(row, this.#owner.revived));
      await Promise.all(arrivals.map((arrival) => this.#writer.add(arrival)));
      count += rows.length;
    }
    return count;
  }

  /** Rows that there are when it begins, a few at a time. */
  async *#pages(kind: RowKind): AsyncGenerator<readonly Row[]> {
    await this.#writer.flush();
    const end = this.#writer.next;
    for (let from: number | undefined = 0; from !== undefined; ) {
      const { rows, next }: Rows = await this.#store.read(kind, { from, end, limit: PAGE });
      yield rows;
      from = next;
    }
  }
}

/** @throws CallbackError `body_not_json` for a row that holds no dead letter. */
function revivalOf({ number, text }: Row, ended: Arrival['ended']): Arrival {
  const revived = revivedText(text);
  return { changes: (next) => [remove('dead', number), put('event', next, revived)], ended };
}
