/** The rows of the disk queue in LevelDB: reads, writes, and what follows a write that failed. */

import type { ClassicLevel } from 'classic-level';
import { CallbackError } from '../../base/errors.js';
import { hasRoom } from './directory.js';
import type { Ledger } from './ledger.js';
import { type Inventory, type OpenFiles, openDirectory } from './opening.js';
import {
  type Change,
  keyOf,
  NOTE_KEY,
  numberOf,
  type Row,
  type RowKind,
  type Rows,
  rangeOf,
  type Span,
} from './rows.js';
import type { Witness } from './witness.js';

/** Bytes of text after which a read ends, so that huge events do not fill the memory. */
export const READ_BYTES = 4 * 1024 * 1024;

/** Who is told what is found on the way. Neither may throw. */
export interface StoreOwner {
  /** Damage with which the directory could be opened. */
  readonly found: (problem: CallbackError) => void;
  /** The directory is gone, for good. Called once. */
  readonly removed: (problem: CallbackError) => void;
}

/*
 *   closed → open ⇄ torn
 *             └──→ removed
 *
 * torn: a write failed. LevelDB may have left half of it in its log, and what it writes behind that can be
 * lost when the log is read again, although it said that it was written. So the next write opens the
 * directory anew first, which begins a new log.
 *
 * removed: the directory is gone. LevelDB goes on writing to files that nobody can open any more.
 */
export class DiskStore {
  readonly #dir: string;
  readonly #ledger: Ledger;
  readonly #owner: StoreOwner;
  #files: OpenFiles | undefined;
  #torn = false;
  #room = true;
  /** How many rows there are when it is worth to make room. */
  #compactAt: number | undefined;
  #removed = false;

  constructor(dir: string, ledger: Ledger, owner: StoreOwner) {
    this.#dir = dir;
    this.#ledger = ledger;
    this.#owner = owner;
  }

  /** @throws CallbackError `queue_failed` or `queue_damaged`; may be called again then. */
  async open(): Promise<Inventory> {
    this.#files = await openDirectory(this.#dir, this.#ledger, this.#owner.found, true);
    return this.#files.inventory;
  }

  /** Rows of a kind in order. `next`: the number to go on from; absent when the span is read to its end. */
  async read(kind: RowKind, { from, end, limit }: Span): Promise<Rows> {
    const range = { gte: keyOf(kind, from), lt: keyOf(kind, end), limit };
    const rows: Row[] = [];
    let bytes = 0;
    for await (const [key, text] of this.#opened.level.iterator(range)) {
      const number = numberOf(key);
      rows.push({ number, text });
      bytes += text.length;
      if (rows.length === limit || bytes >= READ_BYTES) return { rows, next: number + 1 };
    }
    return { rows, next: undefined };
  }

  /** @throws CallbackError `queue_full` or `queue_failed` when the directory can take no further events. */
  checkRoom(): void {
    if (this.#removed) throw removedDirectory(this.#dir);
    this.#room ||= hasRoom(this.#dir);
    if (!this.#room) {
      throw new CallbackError('queue_full', { message: 'the volume of the disk queue is full' });
    }
  }

  /**
   * Makes all changes, or none. Resolves when they outlive the process, with `sync` a power failure, too.
   * Not to be called while another write runs.
   */
  async write(changes: readonly Change[], sync: boolean): Promise<void> {
    if (this.#torn) await this.#reopen();
    const { level, witness } = this.#opened;
    const note = this.#ledger.noteOf(changes);
    try {
      // Measured: 2.5 times as fast as `batch([…])`, which copies each change.
      const batch = level.batch();
      for (const change of changes) {
        const key = keyOf(change.kind, change.number);
        if (change.type === 'put') batch.put(key, change.text);
        else batch.del(key);
      }
      batch.put(NOTE_KEY, JSON.stringify(note));
      await batch.write({ sync });
      this.#checkDirectory(witness);
      // Before anybody is told that the group is written.
      witness.write(this.#ledger.written(changes, note));
      await this.#makeRoom(level);
    } catch (thrown) {
      this.#torn = true;
      throw thrown;
    }
  }

  #checkDirectory(witness: Witness): void {
    if (witness.removed) {
      this.#removed = true;
      const problem = removedDirectory(this.#dir);
      this.#owner.removed(problem);
      throw problem;
    }
    this.#room = hasRoom(this.#dir);
  }

  /** LevelDB frees what was removed when it must, and not when others need the room. */
  async #makeRoom(level: ClassicLevel): Promise<void> {
    const rows = this.#ledger.waiting + this.#ledger.held.size;
    if (this.#room) this.#compactAt = undefined;
    // At each quarter, and then of what is left: it takes as much time, and room, as there are rows.
    else if (this.#compactAt === undefined) this.#compactAt = rows >> 2;
    else if (rows <= this.#compactAt) {
      this.#compactAt = rows >> 2;
      const { gte, lt } = rangeOf('event');
      await level.compactRange(gte, lt);
    }
  }

  async #reopen(): Promise<void> {
    if (this.#removed) throw removedDirectory(this.#dir);
    await this.#release();
    this.#files = await openDirectory(this.#dir, this.#ledger, this.#owner.found, false);
    this.#torn = false;
  }

  /** Frees the directory. */
  async close(): Promise<void> {
    // So that a write that comes too late does not open it again.
    this.#torn = false;
    await this.#release();
  }

  async #release(): Promise<void> {
    const files = this.#files;
    this.#files = undefined;
    files?.witness.close();
    await files?.level.close();
  }

  get #opened(): OpenFiles {
    if (this.#files === undefined)
      throw new CallbackError('queue_failed', { message: 'the queue is not open' });
    return this.#files;
  }
}

function removedDirectory(dir: string): CallbackError {
  return new CallbackError('queue_failed', {
    message: 'the directory of the disk queue was removed',
    cause: new Error(`${dir} was removed or moved while the queue was open`),
  });
}
