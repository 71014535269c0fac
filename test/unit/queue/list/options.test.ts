import { describe, expect, it } from 'vitest';
import { type ListQueueOptions, resolveListOptions } from '../../../../src/queue/list/options.js';
import { MemoryListStore } from '../../../support/list-store.js';

const store = new MemoryListStore();
const invalid = (text: string) =>
  expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining(text) });

describe('resolveListOptions', () => {
  it('has the documented defaults', () => {
    expect(resolveListOptions(store, { key: 'im' })).toMatchObject({
      key: 'im',
      run: { workers: 16, attempts: 1, now: Date.now },
      capacity: Number.MAX_SAFE_INTEGER,
      maxPending: 10_000,
      blockMs: 1_000,
    });
  });

  it('pauses between failures of the store: at least 50 ms, at most 2 s', () => {
    const { pause } = resolveListOptions(store, { key: 'im', random: () => 0 });
    expect([1, 2, 3, 100].map(pause)).toEqual([50, 100, 200, 1_000]);
    expect(resolveListOptions(store, { key: 'im', random: () => 0.999_999 }).pause(100)).toBe(2_000);
  });

  it.each<[string, unknown]>([
    ['a key', { key: '' }],
    ['a key', {}],
    ['workers', { key: 'im', workers: 0 }],
    ['attempts', { key: 'im', attempts: 0 }],
    ['capacity', { key: 'im', capacity: 0 }],
    ['maxPending', { key: 'im', maxPending: 0 }],
    ['blockMs', { key: 'im', blockMs: 0 }],
    ['blockMs', { key: 'im', blockMs: 2_147_483_648 }],
    ['backoff.maxMs', { key: 'im', backoff: { maxMs: 0 } }],
    ['random', { key: 'im', random: 4 }],
  ])('refuses what is wrong with %s: %j', (text, options) => {
    expect(() => resolveListOptions(store, options as ListQueueOptions)).toThrow(invalid(text));
  });

  it.each(['blpop', 'rpush', 'llen'])('refuses a cache without %s', (verb) => {
    const cache = Object.assign(new MemoryListStore(), { [verb]: undefined });
    expect(() => resolveListOptions(cache, { key: 'im' })).toThrow(invalid(`no ${verb}`));
  });
});
