/** The list behind the pool and the waiters. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Link, LinkedList } from '../../../src/base/linked-list.js';

describe('the linked list', () => {
  it('gives nothing when it is empty', () => {
    const list = new LinkedList<string>();
    expect([list.shift(), list.pop(), list.size]).toEqual([undefined, undefined, 0]);
  });

  it('lets go of its neighbours when a value is taken out', () => {
    const list = new LinkedList<string>();
    list.push('a');
    const link = list.push('b');
    list.push('c');
    list.remove(link);
    expect(link).toEqual({ value: 'b', previous: undefined, next: undefined });
  });

  it('behaves as an array does, whatever is pushed, shifted, popped and removed', () => {
    const step = fc.oneof(
      { arbitrary: fc.constant('push' as const), weight: 3 },
      fc.constantFrom('shift' as const, 'pop' as const),
      fc.nat(),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new LinkedList<number>();
        const links: Link<number>[] = [];
        for (const [index, what] of steps.entries()) {
          if (what === 'push') links.push(list.push(index));
          else if (what === 'shift') expect(list.shift()).toBe(links.shift()?.value);
          else if (what === 'pop') expect(list.pop()).toBe(links.pop()?.value);
          else for (const link of links.splice(what % (links.length + 1), 1)) list.remove(link);
          expect(list.size).toBe(links.length);
        }
        expect(links.map(() => list.shift())).toEqual(links.map((link) => link.value));
      }),
    );
  });
});
