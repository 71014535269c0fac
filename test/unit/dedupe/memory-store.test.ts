import { expect, it } from 'vitest';
import { memoryDedupeStore } from '../../../src/dedupe/memory-store.js';

it('keeps a text for its time', () => {
  const store = memoryDedupeStore();
  expect(store.get('a')).toBeUndefined();
  store.set('a', 'first', 60_000);
  expect(store.get('a')).toBe('first');
});

it('makes room by the bound: what was used longest ago goes first', () => {
  const store = memoryDedupeStore({ max: 2 });
  store.set('a', '1', 60_000);
  store.set('b', '2', 60_000);
  store.get('a');
  store.set('c', '3', 60_000);
  expect([store.get('a'), store.get('b'), store.get('c')]).toEqual(['1', undefined, '3']);
});

it('forgets a text when its time is over', async () => {
  const store = memoryDedupeStore();
  store.set('a', 'first', 1);
  const until = performance.now() + 2_000;
  while (store.get('a') !== undefined && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(store.get('a')).toBeUndefined();
});

it.each([0, -1, 1.5, Number.NaN])('refuses the bound %s', (max) => {
  expect(() => memoryDedupeStore({ max })).toThrow(/^option_invalid: max of memoryDedupeStore/);
});
