import { describe, expect, it } from 'vitest';
import { type ListQueueOptions, resolveListOptions } from '../../../../src/queue/list/options.js';
import { MemoryListStore } from '../../../support/list-store.js';

const plain = new MemoryListStore();
const able = Object.assign(new MemoryListStore(), {
  blmove: async () => undefined,
  run: async () => undefined,
});

const invalid = (text: string) =>
  expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining(text) });

describe('resolveListOptions', () => {
  it('has the documented defaults', () => {
    expect(resolveListOptions(able, { key: 'im' })).toMatchObject({
      key: 'im',
      reliable: true,
      workers: 16,
      attempts: 1,
      capacity: Number.MAX_SAFE_INTEGER,
      maxPending: 10_000,
      blockMs: 1_000,
      aliveMs: 15_000,
      maxReturns: 5,
      now: Date.now,
    });
    expect(resolveListOptions(able, { key: 'im', blockMs: 10_000 }).aliveMs).toBe(30_000);
  });

  it('is reliable where the cache can be, unless told otherwise', () => {
    expect(resolveListOptions(plain, { key: 'im' }).reliable).toBe(false);
    expect(resolveListOptions(able, { key: 'im', mode: 'plain' }).reliable).toBe(false);
    expect(resolveListOptions(able, { key: 'im', mode: 'reliable' }).reliable).toBe(true);
  });

  it('pauses between failures of the store: at least 50 ms, at most 2 s', () => {
    const { pause } = resolveListOptions(plain, { key: 'im', random: () => 0 });
    expect([1, 2, 3, 100].map(pause)).toEqual([50, 100, 200, 1_000]);
    expect(resolveListOptions(plain, { key: 'im', random: () => 0.999_999 }).pause(100)).toBe(2_000);
  });

  it.each<[string, unknown]>([
    ['a key', { key: '' }],
    ['a key', {}],
    ['mode', { key: 'im', mode: 'safe' }],
    ['blmove and run', { key: 'im', mode: 'reliable' }],
    ['workers', { key: 'im', workers: 0 }],
    ['attempts', { key: 'im', attempts: 0 }],
    ['capacity', { key: 'im', capacity: 0 }],
    ['maxPending', { key: 'im', maxPending: 0 }],
    ['blockMs', { key: 'im', blockMs: 0 }],
    ['blockMs', { key: 'im', blockMs: 1_000_000_000 }],
    ['aliveMs', { key: 'im', aliveMs: 2_999 }],
    ['maxReturns', { key: 'im', maxReturns: -1 }],
    ['backoff.maxMs', { key: 'im', backoff: { maxMs: 0 } }],
    ['random', { key: 'im', random: 4 }],
    ['now', { key: 'im', now: 4 }],
  ])('refuses what is wrong with %s: %j', (text, options) => {
    expect(() => resolveListOptions(plain, options as ListQueueOptions)).toThrow(invalid(text));
  });

  it.each(['blpop', 'rpush', 'llen'])('refuses a cache without %s', (verb) => {
    const cache = Object.assign(new MemoryListStore(), { [verb]: undefined });
    expect(() => resolveListOptions(cache, { key: 'im' })).toThrow(invalid(`no ${verb}`));
  });
});
