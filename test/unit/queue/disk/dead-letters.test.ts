/** What the disk queue has put aside. */

import { describe, expect, it, vi } from 'vitest';
import { DeadLetters, LIST_LIMIT } from '../../../../src/queue/disk/dead-letters.js';
import { put } from '../../../../src/queue/disk/rows.js';
import { GroupWriter } from '../../../../src/queue/disk/writer.js';
import { countOf, freshStore } from '../../../support/disk-queues.js';
import { Recorder } from '../../../support/queue-events.js';

async function bench(count: number) {
  const store = await freshStore();
  const ids = Array.from({ length: count }, (_, index) => String(index));
  await store.write(
    ids.map((id, number) => put('dead', number, JSON.stringify({ Id: id }))),
    false,
  );
  const write = vi.fn((changes: Parameters<typeof store.write>[0]) => store.write(changes, false));
  const writer = new GroupWriter(write, () => undefined);
  writer.found(count);
  const revived: number[] = [];
  const letters = new DeadLetters(store, writer, {
    checkUsable: () => undefined,
    consumer: () => new Recorder(),
    revived: (_, number) => void revived.push(number),
  });
  const listed = async (options?: object) => (await letters.dead(options)).map(({ id }) => id);
  return { store, write, writer, ids, revived, letters, listed };
}

describe('list', () => {
  it('gives the oldest first, and a part if one is wanted', async () => {
    const { letters, listed, ids } = await bench(250);
    expect(await listed()).toEqual(ids);
    expect(await listed({ skip: 99, limit: 3 })).toEqual(ids.slice(99, 102));
    expect(await listed({ skip: 240 })).toEqual(ids.slice(240));
    expect(await listed({ skip: 300 })).toEqual([]);
    expect(await letters.invalid()).toEqual([]);
  });

  it('has a limit', async () => {
    const { listed } = await bench(LIST_LIMIT + 1);
    expect(await listed()).toHaveLength(LIST_LIMIT);
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { skip: -1 }])('refuses %j', async (options) => {
    const { letters } = await bench(0);
    await expect(letters.dead(options)).rejects.toMatchObject({ code: 'option_invalid' });
  });
});

describe('retryDead', () => {
  it('makes events of all, behind all others, or of the one that is named', async () => {
    const { letters, listed, revived, store } = await bench(120);
    expect(await letters.retryDead('110')).toBe(1);
    expect(revived).toEqual([120]);
    expect(await letters.retryDead('110')).toBe(0);
    expect(await letters.retryDead()).toBe(119);
    expect(await letters.retryDead()).toBe(0);
    expect([await listed(), await countOf(store, 'event')]).toEqual([[], 120]);
  });

  it('finds no letter twice in calls at the same time', async () => {
    const { letters, revived } = await bench(5);
    expect(await Promise.all([letters.retryDead(), letters.retryDead()])).toEqual([5, 0]);
    expect(revived).toHaveLength(5);
  });

  it('goes on after a call that failed', async () => {
    const { letters, write } = await bench(2);
    write.mockRejectedValueOnce('full');
    await expect(letters.retryDead()).rejects.toMatchObject({ code: 'queue_failed', cause: 'full' });
    expect(await letters.retryDead()).toBe(2);
  });

  it('refuses what is no letter, and leaves nothing behind that waits', async () => {
    const { letters, store, write, writer } = await bench(1);
    await store.write([put('dead', 1, 'none')], false);
    writer.found(2);
    await expect(letters.retryDead()).rejects.toMatchObject({ code: 'body_not_json' });
    expect(writer.arriving).toBe(0);
    expect(write).not.toHaveBeenCalled();
  });
});
