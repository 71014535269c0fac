/** The directory of the disk queue, as files. */

import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Remains } from '../../../../src/queue/disk/directory.js';
import { freshDir } from '../../../support/disk-queues.js';
import { coded } from '../../../support/queue-bench.js';

vi.mock('node:fs/promises', { spy: true });

/** A directory with files, each with its name as its text. */
function dirWith(...names: string[]): string {
  const dir = freshDir();
  for (const name of names) writeFileSync(join(dir, name), name);
  return dir;
}

const openings = (dir: string) => readdirSync(dir).filter((name) => name.startsWith('opening-'));

describe('Remains', () => {
  it.each(['000003.log', '000005.ldb'])('are refused where CURRENT is gone and %s is there', async (file) => {
    const dir = dirWith(file);
    await expect(Remains.of(dir, true)).rejects.toEqual(coded('queue_damaged'));
    expect(readdirSync(dir)).toEqual([file]);
  });

  it('are nothing in a directory that LevelDB had only begun to make', async () => {
    await expect(Remains.of(dirWith('MANIFEST-000001', 'LOCK', 'LOG'), true)).resolves.toBeDefined();
  });

  it('are not looked for in a directory that must be there and is not', async () => {
    await expect(Remains.of(join(freshDir(), 'none'), false)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('are second names of the files of the store, and of no others', async () => {
    const dir = dirWith('CURRENT', '000003.log', 'LOCK', 'mine.txt');
    await Remains.of(dir, true);
    const [opening = ''] = openings(dir);
    expect(readdirSync(join(dir, opening)).sort()).toEqual(['000003.log', 'CURRENT']);
    expect(statSync(join(dir, 'CURRENT')).nlink).toBe(2);
  });

  it('are copies where there are no second names', async () => {
    vi.mocked(link).mockRejectedValueOnce(new Error('EPERM'));
    const dir = dirWith('CURRENT');
    await Remains.of(dir, true);
    expect(readFileSync(join(dir, openings(dir)[0] ?? '', 'CURRENT'), 'utf8')).toBe('CURRENT');
  });

  it('go when nothing is missing, with those of an opening that was cut short', async () => {
    const dir = dirWith('CURRENT');
    await Remains.of(dir, true);
    const second = await Remains.of(dir, true);
    await second.drop();
    expect(readdirSync(dir)).toEqual(['CURRENT']);
  });

  it('stay when something is missing, with those of an opening that was cut short', async () => {
    const dir = dirWith('CURRENT');
    await Remains.of(dir, true);
    const second = await Remains.of(dir, true);
    expect(readdirSync(await second.keep())).toHaveLength(2);
    expect(openings(dir)).toEqual([]);
  });

  it('go alone when another queue has the directory', async () => {
    const dir = dirWith('CURRENT');
    await Remains.of(dir, true);
    const second = await Remains.of(dir, true);
    await second.discard();
    expect(openings(dir)).toHaveLength(1);
  });

  it('put the directory back to what it was', async () => {
    const dir = dirWith('CURRENT', '000003.log');
    const remains = await Remains.of(dir, true);
    for (const name of ['000004.log', '000005.ldb', 'LOG']) writeFileSync(join(dir, name), 'new');
    await remains.restore();
    expect(readdirSync(dir).sort()).toEqual(['000003.log', 'CURRENT', 'LOG']);
  });

  it('are not damaged when LevelDB has deleted a table that is not whole, or written another one over it', async () => {
    const dir = dirWith('CURRENT', '000005.ldb', '000006.ldb');
    const remains = await Remains.of(dir, true);
    rmSync(join(dir, '000005.ldb'));
    utimesSync(join(dir, '000006.ldb'), 1, 1);
    await expect(remains.check()).resolves.toBeUndefined();
  });

  it('are damaged when a table that is not whole is still there once LevelDB has opened the directory', async () => {
    const dir = dirWith('CURRENT', '000005.ldb');
    const remains = await Remains.of(dir, true);
    await expect(remains.check()).rejects.toMatchObject({
      code: 'queue_damaged',
      cause: { message: expect.stringContaining('000005.ldb cannot be read') },
    });
  });
});
