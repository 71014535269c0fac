/** Tables of LevelDB, as LevelDB writes them and damaged. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it } from 'vitest';
import { isWhole } from '../../../../src/queue/disk/tables.js';
import { freshDir } from '../../../support/disk-queues.js';

const noise = (): string => Array.from({ length: 60 }, () => Math.random().toString(36)).join('');

async function tablesWith(keyOf: (index: number) => string, textOf: () => string): Promise<Buffer[]> {
  const dir = freshDir();
  const level = new ClassicLevel(dir);
  for (let index = 0; index < 1_000; index += 1) await level.put(keyOf(index), textOf());
  await level.close();
  await level.open();
  await level.close();
  return readdirSync(dir)
    .filter((name) => name.endsWith('.ldb'))
    .map((name) => readFileSync(join(dir, name)));
}

const plainKey = (index: number) => `e${String(index).padStart(16, '0')}`;

describe('isWhole', () => {
  it.each([
    ['compressed text', plainKey, () => '{"a":1}'.repeat(100)],
    ['text that cannot be compressed', plainKey, noise],
    ['long keys', (index: number) => `${plainKey(index)}${noise()}`, noise],
    [
      'keys that repeat what is far away',
      (index: number) => `${noise().slice(0, 300)}${index}`.repeat(9),
      noise,
    ],
  ])('finds tables whole that LevelDB has written: %s', async (_, keyOf, textOf) => {
    const tables = await tablesWith(keyOf, textOf);
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.map(isWhole)).not.toContain(false);
  });

  it('finds every flipped bit and every cut', async () => {
    const [table = Buffer.alloc(0)] = await tablesWith(plainKey, () => noise().slice(0, 100));
    for (let round = 0; round < 300; round += 1) {
      const damaged = Buffer.from(table);
      const at = Math.floor(((round + 0.5) / 300) * table.length);
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (round % 8)), at);
      // The footer is padded with zeros that mean nothing.
      const isPadding = at >= table.length - 44 && at < table.length - 8;
      if (!isPadding) expect([at, isWhole(damaged)]).toEqual([at, false]);
      expect(isWhole(table.subarray(0, at))).toBe(false);
    }
    expect(isWhole(Buffer.alloc(table.length))).toBe(false);
    expect(isWhole(Buffer.concat([Buffer.alloc(40, 0xff), table.subarray(-8)]))).toBe(false);
  });
});
