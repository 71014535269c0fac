import { describe, expect, it } from 'vitest';
import { Bag } from '../../../../src/queue/list/bag.js';

function bagOf(...texts: string[]): Bag {
  const bag = new Bag();
  for (const text of texts) bag.add(text);
  return bag;
}

describe('Bag', () => {
  it('counts a text as often as it was added', () => {
    const bag = bagOf('a', 'b', 'a');
    expect([...bag].toSorted()).toEqual(['a', 'a', 'b']);
    bag.delete('a');
    expect([...bag].toSorted()).toEqual(['a', 'b']);
    expect(bag.size).toBe(2);
    bag.delete('a');
    bag.delete('a');
    expect([...bag]).toEqual(['b']);
    expect(bag.size).toBe(1);
  });

  it('tells which texts it does not have, each as often as it is too many', () => {
    const bag = bagOf('a', 'b', 'a');
    expect(bag.missing(['a', 'x', 'a', 'a', 'x', 'b'])).toEqual(['x', 'a', 'x']);
    expect(bag.size).toBe(3);
  });
});
