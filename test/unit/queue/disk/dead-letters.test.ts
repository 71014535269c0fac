/** What the disk queue has put aside. */

import { describe, expect, it } from 'vitest';
import { Aside, LIST_LIMIT } from '../../../../src/queue/disk/dead-letters.js';
import { put, type Row, remove } from '../../../../src/queue/disk/store.js';
import { freshStore } from '../../../support/disk-queues.js';

async function bench(count: number) {
  const store = await freshStore();
  const texts = Array.from({ length: count }, (_, index) => JSON.stringify({ Id: String(index) }));
  await store.write(
    texts.map((text, number) => put('dead', number, text)),
    false,
  );
  const revived: number[] = [];
  const revive = async ({ number }: Row) => {
    revived.push(number);
    await store.write([remove('dead', number)], false);
  };
  return { store, texts, revived, revive, aside: new Aside(store, () => count) };
}

describe('list', () => {
  it('gives the oldest first, and a part if one is wanted', async () => {
    const { aside, texts } = await bench(250);
    expect(await aside.list('dead', {})).toEqual(texts);
    expect(await aside.list('dead', { skip: 99, limit: 3 })).toEqual(texts.slice(99, 102));
    expect(await aside.list('dead', { skip: 240 })).toEqual(texts.slice(240));
    expect(await aside.list('dead', { skip: 300 })).toEqual([]);
    expect(await aside.list('invalid', {})).toEqual([]);
  });

  it('has a limit', async () => {
    const { aside } = await bench(LIST_LIMIT + 1);
    expect(await aside.list('dead', {})).toHaveLength(LIST_LIMIT);
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { skip: -1 }])('refuses %j', async (options) => {
    const { aside } = await bench(0);
    await expect(aside.list('dead', options)).rejects.toMatchObject({ code: 'option_invalid' });
  });
});

describe('revive', () => {
  it('hands out all, or the one that is named', async () => {
    const { aside, revived, revive } = await bench(120);
    expect(await aside.revive('110', revive)).toBe(1);
    expect(revived).toEqual([110]);
    expect(await aside.revive('110', revive)).toBe(0);
    expect(await aside.revive(undefined, revive)).toBe(119);
    expect(await aside.revive(undefined, revive)).toBe(0);
  });

  it('hands out no letter twice to calls at the same time', async () => {
    const { aside, revived, revive } = await bench(5);
    expect(await Promise.all([aside.revive(undefined, revive), aside.revive(undefined, revive)])).toEqual([
      5, 0,
    ]);
    expect(revived).toHaveLength(5);
  });

  it('goes on after a call that failed', async () => {
    const { aside, revive } = await bench(2);
    const failing = aside.revive(undefined, async () => {
      throw new Error('full');
    });
    await expect(failing).rejects.toThrow('full');
    expect(await aside.revive(undefined, revive)).toBe(2);
  });
});
