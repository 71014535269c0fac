/** The rows of the disk queue in LevelDB. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { put, remove } from '../../../../src/queue/disk/rows.js';
import { READ_BYTES } from '../../../../src/queue/disk/store.js';
import { countOf, diskStore, freshDir, freshStore } from '../../../support/disk-queues.js';

const failure = (text: string) =>
  expect.objectContaining({
    name: 'CallbackError',
    code: 'queue_failed',
    message: expect.stringContaining(text),
  });

const all = { from: 0, end: Number.MAX_SAFE_INTEGER, limit: 1000 };

describe('opening a directory', () => {
  it('makes it when it is missing', async () => {
    const store = await freshStore(join(freshDir(), 'a', 'b'));
    expect(await countOf(store, 'event')).toBe(0);
  });

  it('fails with a clear coded error while another queue of this process has it', async () => {
    const dir = freshDir();
    const first = await freshStore(dir);
    const second = diskStore(dir);
    await expect(second.open()).rejects.toEqual(failure('is open in another process'));
    await first.close();
    await expect(second.open()).resolves.toEqual({ events: 0, next: 0 });
    await second.close();
  });

  it('fails with the same error while another process has it, and works when that one was killed', async () => {
    const dir = freshDir();
    const script = `import { ClassicLevel } from 'classic-level';
      await new ClassicLevel(process.argv[1]).open(); console.log('open'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(child.stdout, 'data');
    const store = diskStore(dir);
    await expect(store.open()).rejects.toEqual(failure('is open in another process'));
    child.kill('SIGKILL');
    await ended;
    await expect(store.open()).resolves.toEqual({ events: 0, next: 0 });
    await store.close();
  });

  it('says that it cannot, with the cause, where there is no directory', async () => {
    const file = join(freshDir(), 'file');
    writeFileSync(file, '');
    const opening = diskStore(file).open();
    await expect(opening).rejects.toEqual(failure('cannot be opened'));
    await expect(opening).rejects.toHaveProperty('cause.code', 'EEXIST');
  });

  it('refuses a directory of a later release, and lets it go', async () => {
    const dir = freshDir();
    mkdirSync(dir, { recursive: true });
    const level = new ClassicLevel(dir);
    await level.put('format', '2');
    await level.close();
    await expect(diskStore(dir).open()).rejects.toEqual(failure('a later release'));
    await expect(new ClassicLevel(dir).open()).resolves.toBeUndefined();
  });

  it('passes on what is no error of the store', async () => {
    vi.spyOn(ClassicLevel.prototype, 'open').mockRejectedValueOnce('odd');
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    await expect(diskStore(freshDir()).open()).rejects.toHaveProperty('cause', 'odd');
  });

  it('takes a directory again that it has written itself', async () => {
    const dir = freshDir();
    const before = await freshStore(dir);
    await before.write([put('event', 7, 'seven')], true);
    await before.close();
    const after = await freshStore(dir);
    expect(await after.read('event', all)).toEqual({
      rows: [{ number: 7, text: 'seven' }],
      next: undefined,
    });
  });
});

describe('rows', () => {
  it('are in the order of their numbers, kind by kind', async () => {
    const store = await freshStore();
    await store.write(
      [put('event', 10, 'ten'), put('event', 9, 'nine'), put('dead', 1, 'one'), put('invalid', 2, 'two')],
      false,
    );
    expect((await store.read('event', all)).rows.map(({ text }) => text)).toEqual(['nine', 'ten']);
    expect(await countOf(store, 'event')).toBe(2);
    expect(await countOf(store, 'dead')).toBe(1);
  });

  it.each(['event', 'dead', 'invalid'] as const)(
    'of the kind %s keep their number from being given again',
    async (kind) => {
      const store = await freshStore();
      await store.write(
        [put('event', 3, ''), put('dead', 3, ''), put('invalid', 3, ''), put(kind, 41, '')],
        false,
      );
      await store.close();
      expect(await store.open()).toMatchObject({ next: 42 });
    },
  );

  it('can be removed, and all changes of a write are made together', async () => {
    const store = await freshStore();
    await store.write([put('event', 1, 'one')], false);
    await store.write([remove('event', 1), put('dead', 1, 'one')], false);
    expect((await store.read('event', all)).rows).toEqual([]);
    expect((await store.read('dead', all)).rows).toEqual([{ number: 1, text: 'one' }]);
  });

  it('are read a few at a time, and each read says where the next one begins', async () => {
    const store = await freshStore();
    await store.write(
      [1, 2, 5].map((number) => put('event', number, '')),
      false,
    );
    const numbers = async (from: number, end: number, limit: number) => {
      const { rows, next } = await store.read('event', { from, end, limit });
      return [rows.map(({ number }) => number), next];
    };
    expect(await numbers(0, 9, 2)).toEqual([[1, 2], 3]);
    expect(await numbers(3, 9, 2)).toEqual([[5], undefined]);
    expect(await numbers(0, 5, 9)).toEqual([[1, 2], undefined]);
  });

  it('that are huge end a read early', async () => {
    const store = await freshStore();
    const text = 'x'.repeat(READ_BYTES / 2);
    await store.write(
      [1, 2, 3].map((number) => put('event', number, text)),
      false,
    );
    expect(await store.read('event', all)).toMatchObject({ rows: [{ number: 1 }, { number: 2 }], next: 3 });
  });
});

describe('a write that failed', () => {
  it('is followed by one on a directory that was opened anew', async () => {
    const store = await freshStore();
    const open = vi.spyOn(ClassicLevel.prototype, 'open');
    vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementationOnce(() => {
      throw new Error('disk full');
    });
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    await expect(store.write([put('event', 1, 'one')], false)).rejects.toThrow('disk full');
    expect(open).not.toHaveBeenCalled();
    await store.write([put('event', 2, 'two')], false);
    expect(open).toHaveBeenCalledOnce();
    await store.write([put('event', 3, 'three')], false);
    expect(open).toHaveBeenCalledOnce();
    expect((await store.read('event', all)).rows.map(({ number }) => number)).toEqual([2, 3]);
  });
});

describe('a store that is not open', () => {
  it('refuses everything, also when it was open before, and can be closed', async () => {
    const store = diskStore(freshDir());
    await store.close();
    await expect(store.read('event', all)).rejects.toEqual(failure('not open'));
    await store.open();
    await store.close();
    await expect(store.write([put('event', 1, '')], false)).rejects.toEqual(failure('not open'));
    await expect(store.read('event', all)).rejects.toEqual(failure('not open'));
  });
});
