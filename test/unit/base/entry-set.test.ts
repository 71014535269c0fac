/** The set of entries behind the queues. */

import { describe, expect, it } from 'vitest';
import { EntrySet, type Listed } from '../../../src/base/entry-set.js';

interface Named extends Listed<Named> {
  readonly name: string;
}

function filled(...names: string[]): { readonly set: EntrySet<Named>; readonly entries: readonly Named[] } {
  const set = new EntrySet<Named>();
  const entries = names.map((name): Named => ({ name, link: undefined }));
  for (const entry of entries) set.add(entry);
  return { set, entries };
}

describe('the set of entries', () => {
  it('takes an entry out once, from wherever it is', () => {
    const { set, entries } = filled('a', 'b', 'c');
    const [, b] = entries as [Named, Named, Named];
    expect([set.delete(b), set.delete(b), set.size]).toEqual([true, false, 2]);
    expect([set.take()?.name, set.take()?.name, set.take()]).toEqual(['a', 'c', undefined]);
    expect(entries.map(({ link }) => link)).toEqual([undefined, undefined, undefined]);
  });

  it('shows the first one and keeps it', () => {
    const { set } = filled('a', 'b');
    expect([set.first?.name, set.first?.name, set.size]).toEqual(['a', 'a', 2]);
  });

  it('takes an entry in again', () => {
    const { set, entries } = filled('a');
    const [a] = entries as [Named];
    set.delete(a);
    set.add(a);
    expect([set.size, set.delete(a)]).toEqual([1, true]);
  });
});
