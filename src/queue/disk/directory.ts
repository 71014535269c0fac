/** The directory of the disk queue, as files: what LevelDB must not be given, and what is kept of what it was given. */

import { constants, statfsSync, statSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CallbackError } from '../../base/errors.js';
import { isWhole } from './tables.js';

/** What LevelDB writes; not its lock, and not its log for people. */
const STORE_FILE = /^(?:CURRENT|MANIFEST-\d+|\d+\.(?:log|ldb|sst))$/;
const ROWS_FILE = /^\d+\./;
const TABLE_FILE = /\.(?:ldb|sst)$/;
const OPENING = 'opening-';

/**
 * Bytes of a volume that the queue leaves free, or half of the volume if that is less: LevelDB needs room to open a
 * directory, to remove what is done, and to make room.
 */
const FREE_BYTES = 64 * 1024 * 1024;

/** Whether the volume of a directory can take further events. @throws the error of the file system. */
export function hasRoom(dir: string): boolean {
  const { bavail, blocks, bsize } = statfsSync(dir);
  return bavail * bsize > Math.min(FREE_BYTES, (blocks * bsize) / 2);
}

/** What a directory was before LevelDB opened it: a second name for each of its files. */
export class Remains {
  readonly #dir: string;
  readonly #kept: string;
  /**
   * Tables that are not whole, with the times of their last change: damaged, or not needed, because the process
   * ended while it wrote them.
   */
  readonly #broken: ReadonlyMap<string, number>;

  private constructor(dir: string, kept: string, broken: ReadonlyMap<string, number>) {
    this.#dir = dir;
    this.#kept = kept;
    this.#broken = broken;
  }

  /**
   * @param make Whether to make the directory where it is missing.
   * @throws CallbackError `queue_damaged`; the error of the file system.
   */
  static async of(dir: string, make: boolean): Promise<Remains> {
    if (make) await mkdir(dir, { recursive: true });
    // Messages are nobody else's to read. LevelDB makes its files as it likes, so the directory keeps them. On a volume
    // that belongs to somebody else its owner decides.
    await chmod(dir, 0o700).catch(() => undefined);
    const files = await storeFiles(dir);
    if (!files.includes('CURRENT') && files.some((file) => ROWS_FILE.test(file))) {
      // LevelDB would begin anew, and delete them.
      throw damaged(dir, 'it has files of events, and the file CURRENT that names them is gone');
    }
    const kept = await mkdtemp(join(dir, OPENING));
    const broken = new Map<string, number>();
    for (const file of files) {
      await linkOrCopy(join(dir, file), join(kept, file));
      if (TABLE_FILE.test(file) && !isWhole(await readFile(join(kept, file)))) {
        broken.set(file, statSync(join(kept, file)).mtimeMs);
      }
    }
    return new Remains(dir, kept, broken);
  }

  /**
   * LevelDB has opened the directory, and deleted the tables that it does not need, or written others over them.
   * @throws CallbackError `queue_damaged` when one that it needs is broken.
   */
  async check(): Promise<void> {
    for (const [file, changed] of this.#broken) {
      const { mtimeMs } = statSync(join(this.#dir, file), { throwIfNoEntry: false }) ?? {};
      if (mtimeMs === changed) throw damaged(this.#dir, `${file} cannot be read`);
    }
  }

  /** Nothing is missing: they are not needed, nor what an opening left that was cut short. */
  async drop(): Promise<void> {
    for (const name of await openings(this.#dir)) await rm(join(this.#dir, name), { recursive: true });
  }

  /** Something is missing. Gives where they are. */
  async keep(): Promise<string> {
    const place = join(this.#dir, `remains-${new Date().toISOString().replaceAll(':', '-')}`);
    await mkdir(place);
    for (const name of await openings(this.#dir)) await rename(join(this.#dir, name), join(place, name));
    return place;
  }

  /** Another queue has the directory. */
  async discard(): Promise<void> {
    await rm(this.#kept, { recursive: true });
  }

  /** Puts the directory back to what it was; LevelDB must have let it go. */
  async restore(): Promise<void> {
    const before = await storeFiles(this.#kept);
    for (const file of await storeFiles(this.#dir)) {
      if (!before.includes(file)) await rm(join(this.#dir, file));
    }
    for (const file of before) await rename(join(this.#kept, file), join(this.#dir, file));
    await this.discard();
  }
}

/** The place is told by the cause, which is for logs and not for senders. */
export function damaged(dir: string, what: string, cause?: unknown): CallbackError {
  const advice =
    'Nothing in it was deleted. Put back what was there, or move it away and begin with an empty one';
  return new CallbackError('queue_damaged', {
    cause: new Error(`the directory of the disk queue, ${dir}, is damaged: ${what}. ${advice}`, { cause }),
  });
}

async function storeFiles(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => STORE_FILE.test(name));
}

async function openings(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.startsWith(OPENING));
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  // Not every file system has hard links.
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
}
