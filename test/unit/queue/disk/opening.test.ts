/** Opening the directory of the disk queue. */

import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { put } from '../../../../src/queue/disk/rows.js';
import { diskStore, freshDir, freshStore } from '../../../support/disk-queues.js';
import { coded } from '../../../support/queue-bench.js';

afterEach(() => {
  vi.restoreAllMocks();
});

async function written(): Promise<string> {
  const dir = freshDir();
  const store = await freshStore(dir);
  await store.write([put('event', 1, 'one'), put('dead', 2, 'two')], false);
  await store.close();
  return dir;
}

describe('openDirectory', () => {
  it('finds what is there, and leaves nothing behind', async () => {
    const dir = await written();
    expect(await diskStoreOpened(dir)).toEqual({ events: 1, next: 3 });
    expect(readdirSync(dir).filter((name) => /opening|remains/.test(name))).toEqual([]);
  });

  it('gives the reason for which it failed, whatever fails afterwards', async () => {
    const dir = await written();
    vi.spyOn(ClassicLevel.prototype, 'keys').mockImplementationOnce(() => {
      for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
      throw new Error('unreadable');
    });
    await expect(diskStore(dir).open()).rejects.toMatchObject({
      code: 'queue_failed',
      cause: { message: 'unreadable' },
    });
  });

  it('calls a directory damaged that LevelDB cannot make sense of, and can be tried again', async () => {
    const dir = await written();
    vi.spyOn(ClassicLevel.prototype, 'keys').mockImplementationOnce(() => {
      throw new Error('Corruption: bad entry in block');
    });
    await expect(diskStore(dir).open()).rejects.toEqual(coded('queue_damaged'));
    expect(await diskStoreOpened(dir)).toEqual({ events: 1, next: 3 });
  });

  it('keeps the directory and the witness from other users', async () => {
    const dir = await written();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, 'WITNESS')).mode & 0o777).toBe(0o600);
    // Also a directory that somebody has made before.
    chmodSync(dir, 0o755);
    await diskStoreOpened(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('says what to install where LevelDB is missing, and changes nothing', async () => {
    vi.doMock('classic-level', () => {
      throw new Error('Cannot find package');
    });
    vi.resetModules();
    try {
      const { diskQueue } = await import('../../../../src/disk.js');
      const dir = join(freshDir(), 'none');
      await expect(diskQueue({ dir }).open()).rejects.toMatchObject({
        code: 'queue_failed',
        message: 'queue_failed: diskQueue needs the package classic-level: npm install classic-level',
      });
      expect(existsSync(dir)).toBe(false);
    } finally {
      vi.doUnmock('classic-level');
      vi.resetModules();
    }
  });

  it('says of a copy that it is one', async () => {
    const dir = await written();
    const found: string[] = [];
    const store = diskStore(dir, ({ message }) => void found.push(message));
    cpSync(join(dir, 'WITNESS'), join(dir, 'copy'));
    renameSync(join(dir, 'copy'), join(dir, 'WITNESS'));
    await store.open();
    await store.close();
    expect(found).toEqual(['queue_damaged: the directory of the disk queue is a copy']);
  });
});

async function diskStoreOpened(dir: string): Promise<unknown> {
  const store = diskStore(dir);
  const inventory = await store.open();
  await store.close();
  return inventory;
}
