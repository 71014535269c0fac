/** The account of the rows of the disk queue. */

import { describe, expect, it } from 'vitest';
import { type Account, Audit, Ledger, type Note } from '../../../../src/queue/disk/ledger.js';
import { put, type RowKind, remove } from '../../../../src/queue/disk/rows.js';

/** A ledger of a process that has 2 in memory, and 10 to 12 on disk only. */
function ledgerOf(): Ledger {
  const ledger = new Ledger();
  Object.assign(ledger, { sequence: 7, next: 10, end: 13, waiting: 3, aside: 1 });
  ledger.held.add(1).add(2);
  return ledger;
}

function missing(account: Account | undefined, note: Note | undefined, rows: readonly [RowKind, number][]) {
  const audit = new Audit(account, note);
  for (const [kind, number] of rows) audit.see(kind, number);
  return audit.missing;
}

const events = (...numbers: number[]) => numbers.map((number): [RowKind, number] => ['event', number]);

describe('Ledger', () => {
  it('counts new events, and those that are written anew do not count', () => {
    const ledger = ledgerOf();
    const changes = [put('event', 2, 'again'), put('event', 13, ''), put('event', 15, '')];
    const note = ledger.noteOf(changes);
    expect(note).toEqual({ sequence: 8, rows: 8, removed: [] });
    expect(ledger.written(changes, note)).toEqual({
      sequence: 8,
      next: 10,
      end: 16,
      held: ledger.held,
      others: 6,
    });
    expect(ledger.sequence).toBe(8);
  });

  it('knows what is removed, and that what is put aside is not', () => {
    const ledger = ledgerOf();
    const changes = [remove('event', 1), remove('event', 2), put('dead', 2, '')];
    const note = ledger.noteOf(changes);
    expect(note).toEqual({ sequence: 8, rows: 5, removed: [1] });
    expect(ledger.written(changes, note)).toMatchObject({ others: 4, held: new Set([2]) });
  });

  it('knows that a dead letter of an earlier process has become an event', () => {
    const ledger = ledgerOf();
    const changes = [remove('dead', 0), put('event', 13, '')];
    expect(ledger.written(changes, ledger.noteOf(changes))).toMatchObject({ others: 4, end: 14 });
    expect(ledger.aside).toBe(0);
  });

  it('does not take an event that was given up, and is on disk only, for a dead letter', () => {
    const ledger = ledgerOf();
    const changes = [remove('event', 12)];
    ledger.written(changes, ledger.noteOf(changes));
    expect(ledger.aside).toBe(1);
  });

  it('only counts what is put aside when that is a lot', () => {
    const ledger = new Ledger();
    ledger.next = ledger.end = 5_000;
    for (let number = 0; number < 3_000; number += 1) ledger.held.add(number);
    const changes = [remove('event', 2_999), put('dead', 2_999, '')];
    expect(ledger.written(changes, ledger.noteOf(changes)).others).toBe(1);
    expect(ledger.held.has(2_999)).toBe(false);
  });
});

describe('Audit', () => {
  const account: Account = { sequence: 7, next: 10, end: 13, held: new Set([1, 2]), others: 4 };
  const whole: [RowKind, number][] = [['dead', 0], ...events(1, 2, 10, 11, 12)];

  it('finds nothing missing where nothing is', () => {
    expect(missing(account, { sequence: 7, rows: 6, removed: [] }, whole)).toBe(0);
    expect(missing(undefined, undefined, [])).toBe(0);
  });

  it('counts what is missing of what was in memory, on disk only, and put aside', () => {
    expect(missing(account, undefined, [['dead', 0], ...events(2, 10)])).toBe(3);
    expect(missing(account, undefined, events(1, 2, 10, 11, 12))).toBe(1);
  });

  it('takes no event that is done, and back, for one that is missing', () => {
    expect(missing(account, undefined, [['dead', 0], ...events(1, 2, 3, 4, 10, 11)])).toBe(1);
  });

  it('finds an event that was put aside, or that is back because the news of that is lost', () => {
    expect(
      missing(account, undefined, [['dead', 0], ['dead', 1], ...events(2, 10, 11), ['invalid', 12]]),
    ).toBe(0);
  });

  it('knows of a process that was killed before the witness was written what its last group removed', () => {
    const note = { sequence: 8, rows: 5, removed: [2, 11] };
    expect(missing(account, note, [['dead', 0], ...events(1, 10, 12, 13)])).toBe(0);
    expect(missing(account, note, [['dead', 0], ...events(1, 2, 11, 12)])).toBe(1);
  });

  it('has the count of the store itself where the witness is old, or gone', () => {
    expect(missing(account, { sequence: 9, rows: 4, removed: [] }, events(1, 50, 51))).toBe(1);
    expect(missing(undefined, { sequence: 9, rows: 2, removed: [1] }, events(1, 2))).toBe(0);
  });

  it('holds a store that is behind against the witness', () => {
    expect(missing(account, { sequence: 3, rows: 1, removed: [1] }, events(1))).toBe(5);
  });
});
