/** The witness: a small file beside LevelDB's own that says which rows LevelDB must hold, so that none is lost unnoticed. */

import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './ledger.js';

export const WITNESS_FILE = 'WITNESS';

/** Numbers of one slot. More are in memory only when a disk hangs; the ones beyond are then not vouched for. */
const MOST_HELD = 4_096;
const HEAD_BYTES = 64;
export const SLOT_BYTES = HEAD_BYTES + 4 * MOST_HELD;

/*
 * Two slots, written in turns: when a write of one is cut short the other is whole.
 *
 *   checksum, count of `held` │ sequence, next, end, others, inode │ `next` less each of `held`
 *   2 × 4 bytes               │ 5 × 8 bytes, at 8                  │ 4 bytes each, at 64
 */
export class Witness {
  readonly #path: string;
  readonly #file: number;
  /** Tells a copy of the file from the file: a copy is another file of the disk. */
  readonly #inode: number;
  readonly #bytes = Buffer.alloc(SLOT_BYTES);
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, SLOT_BYTES / 4);
  /** What it said when it was opened; absent when there was none, or none of it can be read. */
  readonly found: Account | undefined;
  /** Whether what it said was written to another file, of which this one is a copy. */
  readonly isCopy: boolean;

  /** @throws the error of the file system. */
  constructor(dir: string) {
    this.#path = join(dir, WITNESS_FILE);
    this.#file = openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#inode = fstatSync(this.#file).ino;
    const slots = [0, 1].map((slot) => this.#read(slot)).filter((slot) => slot !== undefined);
    const last = slots.sort((one, other) => other.account.sequence - one.account.sequence)[0];
    this.found = last?.account;
    this.isCopy = last !== undefined && last.inode !== this.#inode;
  }

  /** Whether its directory is gone, or another one is in its place. */
  get removed(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino !== this.#inode;
  }

  /** @throws the error of the file system. */
  write({ sequence, next, end, others, held }: Account): void {
    let length = HEAD_BYTES;
    for (const number of held) {
      if (length === SLOT_BYTES) break;
      this.#bytes.writeUInt32LE(next - number, length);
      length += 4;
    }
    this.#bytes.writeUInt32LE((length - HEAD_BYTES) / 4, 4);
    [sequence, next, end, others, this.#inode].forEach((value, index) => {
      this.#bytes.writeDoubleLE(value, 8 + 8 * index);
    });
    this.#bytes.writeInt32LE(this.#checksum(length), 0);
    writeSync(this.#file, this.#bytes, 0, length, (sequence % 2) * SLOT_BYTES);
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(slot: number): { readonly account: Account; readonly inode: number } | undefined {
    const read = readSync(this.#file, this.#bytes, 0, SLOT_BYTES, slot * SLOT_BYTES);
    const length = HEAD_BYTES + 4 * this.#bytes.readUInt32LE(4);
    if (length > read || this.#bytes.readInt32LE(0) !== this.#checksum(length)) return undefined;
    const double = (index: number) => this.#bytes.readDoubleLE(8 + 8 * index);
    const [sequence, next, end, others, inode] = [double(0), double(1), double(2), double(3), double(4)];
    const held = new Set<number>();
    for (let at = HEAD_BYTES; at < length; at += 4) held.add(next - this.#bytes.readUInt32LE(at));
    return { account: { sequence, next, end, others, held }, inode };
  }

  /** A change of one word always changes it. */
  #checksum(length: number): number {
    const words = this.#words.subarray(1, length / 4);
    return words.reduce((sum, word) => Math.imul(sum ^ word, 0x01000193), 1);
  }
}
