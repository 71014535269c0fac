/** The file that says which rows there must be. */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Account } from '../../../../src/queue/disk/ledger.js';
import { SLOT_BYTES, Witness } from '../../../../src/queue/disk/witness.js';
import { freshDir } from '../../../support/disk-queues.js';

const account = (sequence: number, numbers: readonly number[] = [1, 5]): Account => ({
  sequence,
  next: 10_000,
  end: 10_003,
  others: 4,
  held: new Set(numbers),
});

function open(dir: string): Witness {
  const witness = new Witness(dir);
  onTestFinished(() => witness.close());
  return witness;
}

describe('Witness', () => {
  it('says nothing at first, and then what was written last', () => {
    const dir = freshDir();
    const first = open(dir);
    expect(first.found).toBeUndefined();
    for (const sequence of [1, 2, 3]) first.write(account(sequence));
    expect(open(dir)).toMatchObject({ found: account(3), isCopy: false });
  });

  it.each([1, 2])('says what was written before when the write of slot %i was cut short', (sequence) => {
    const dir = freshDir();
    const first = open(dir);
    first.write(account(sequence));
    first.write(account(sequence + 1));
    const file = join(dir, 'WITNESS');
    const bytes = readFileSync(file);
    const place = 20 + SLOT_BYTES * ((sequence + 1) % 2);
    bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
    writeFileSync(file, bytes);
    expect(open(dir).found).toEqual(account(sequence));
  });

  it('vouches for as many numbers as a slot has room for', () => {
    const dir = freshDir();
    const numbers = Array.from({ length: 5_000 }, (_, number) => number);
    open(dir).write(account(1, numbers));
    expect([...(open(dir).found?.held ?? [])]).toEqual(numbers.slice(0, 4_096));
  });

  it('knows that it is a copy', () => {
    const dir = freshDir();
    const copy = freshDir();
    open(dir).write(account(1));
    cpSync(join(dir, 'WITNESS'), join(copy, 'WITNESS'));
    expect(open(copy).isCopy).toBe(true);
  });

  it('notices that its directory is gone, or is another one', () => {
    const dir = freshDir();
    const witness = open(dir);
    expect(witness.removed).toBe(false);
    rmSync(join(dir, 'WITNESS'));
    expect(witness.removed).toBe(true);
    writeFileSync(join(dir, 'other'), '');
    writeFileSync(join(dir, 'WITNESS'), '');
    expect(witness.removed).toBe(true);
  });
});
