/** Rows of the disk queue: their keys and their texts as LevelDB holds them. */

/**
 * What a row is: an event that waits, a dead letter, or something that is no event. Rows of one kind are in
 * the order of their numbers. A number is given once, whatever the kind, and stays when the kind changes.
 */
export type RowKind = 'event' | 'dead' | 'invalid';

const LETTERS: Readonly<Record<RowKind, string>> = { event: 'e', dead: 'd', invalid: 'i' };

export const ROW_KINDS = ['event', 'dead', 'invalid'] as const;

/** Digits of the largest number, so that the order of keys, which are text, is that of numbers. */
const DIGITS = 16;

/** Holds what the last group of changes says of itself. */
export const NOTE_KEY = 'note';

/** A row as it lies in the store. */
export interface Row {
  readonly number: number;
  readonly text: string;
}

/** What a read gives. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly next: number | undefined;
}

/** Which rows to read: those from `from` up to, but not including, `end`. */
export interface Span {
  readonly from: number;
  readonly end: number;
  /** Most rows. */
  readonly limit: number;
}

/** One change of the store: writes a row, over the one of that kind and number, or removes it. */
export type Change = ({ readonly type: 'put'; readonly text: string } | { readonly type: 'del' }) & {
  readonly kind: RowKind;
  readonly number: number;
};

export function put(kind: RowKind, number: number, text: string): Change {
  return { type: 'put', kind, number, text };
}

export function remove(kind: RowKind, number: number): Change {
  return { type: 'del', kind, number };
}

export function keyOf(kind: RowKind, number: number): string {
  return LETTERS[kind] + String(number).padStart(DIGITS, '0');
}

export function numberOf(key: string): number {
  return Number(key.slice(1));
}

/** Keys of all rows of a kind. `:` is what follows the digits. */
export function rangeOf(kind: RowKind) {
  return { gte: LETTERS[kind], lt: `${LETTERS[kind]}:` };
}
