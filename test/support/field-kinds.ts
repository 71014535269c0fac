/** What each kind of field takes, gives and refuses. */

import type { Schema } from '../../scripts/generate/load.js';
import type { CatalogueException, CatalogueField } from './catalogue.js';

/** A kind of field, with values that show it. */
export interface Kind {
  /** The type that handlers see. */
  readonly seen: (value: unknown) => boolean;
  /** What may come over the wire, and what a handler then sees. */
  readonly accepted: readonly (readonly [sent: unknown, seen: unknown])[];
  /** What is refused. */
  readonly refused: readonly unknown[];
}

/** An id of 18 digits that no double holds. */
const LONG_ID = 144115230000000457n;

const isType = (type: string) => (value: unknown) => typeof value === type;
const isArray = (value: unknown) => Array.isArray(value);
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const kinds = {
  string: {
    seen: isType('string'),
    accepted: [
      ['', ''],
      ['7', '7'],
      ['中\u{1F600}', '中\u{1F600}'],
    ],
    refused: [7, {}, null],
  },
  // The value of a field that names the command is no free text.
  command: { seen: isType('string'), accepted: [], refused: [7, {}, null] },
  id: {
    seen: isType('string'),
    accepted: [
      ['', ''],
      ['@RBT#7', '@RBT#7'],
      [7, '7'],
      [LONG_ID, String(LONG_ID)],
    ],
    refused: [1.5, {}, true, null],
  },
  integer: {
    seen: isType('number'),
    accepted: [
      [-1, -1],
      [2 ** 32, 2 ** 32],
      ['1761033600123', 1761033600123],
      ['7', 7],
    ],
    refused: ['12x', '', 1.5, LONG_ID, {}, null],
  },
  time: {
    seen: isType('number'),
    accepted: [
      [-1, -1],
      ['1761033600123', 1761033600123],
      ['', undefined],
    ],
    refused: ['12x', 1.5, LONG_ID, {}, null],
  },
  boolean: { seen: isType('boolean'), accepted: [[false, false]], refused: ['yes', 1, null] },
  object: { seen: isObject, accepted: [], refused: ['text', [], null] },
  array: { seen: isArray, accepted: [[[], []]], refused: ['text', {}, null] },
  'array-or-item': { seen: isArray, accepted: [['one', ['one']]], refused: [7, {}, null] },
  'boolean-or-text': {
    seen: isType('boolean'),
    accepted: [
      ['true', true],
      ['false', false],
      [true, true],
    ],
    refused: ['yes', 1, null],
  },
  'integer-or-empty': {
    seen: (value) => typeof value === 'number' || value === '',
    accepted: [
      ['', ''],
      ['7', 7],
    ],
    refused: ['12x', {}, null],
  },
  'object-or-integer': {
    seen: (value) => typeof value === 'number' || isObject(value),
    accepted: [
      [7, 7],
      [{ Public: 7 }, { Public: 7 }],
    ],
    refused: ['text', [], null],
  },
  'string-or-integer': {
    seen: (value) => typeof value === 'number' || typeof value === 'string',
    accepted: [
      [7, 7],
      ['7', '7'],
      [18446744073709551615n, '18446744073709551615'],
    ],
    refused: [{}, true, null],
  },
  undescribed: {
    seen: () => true,
    accepted: [
      ['text', 'text'],
      [7, 7],
      [null, null],
    ],
    refused: [],
  },
} satisfies Record<string, Kind>;

/** The name of a kind. */
type KindName = keyof typeof kinds;

function isKindName(name: string): name is KindName {
  return Object.hasOwn(kinds, name);
}

/** Finds a kind. */
export function kindOf(name: string): Kind {
  if (!isKindName(name)) throw new Error(`there is no kind ${name}`);
  return kinds[name];
}

/** Names that mean an account, a group, a topic or a room. */
const ID_NAME = /(?:_Account|GroupI[dD]|TopicId|TopicIdList|RoomId|RoomIdList)(?:\[\])?$/;

/** The kind that a documented field has by its type and name. */
export function documentedKind({ path, type }: CatalogueField): KindName {
  if (/(?:^|\.)CallbackCommand$/.test(path)) return 'command';
  if (type.startsWith('integer') && TIME_NAME.test(path)) return 'time';
  if ((type === 'string' || type === 'integer-or-string') && ID_NAME.test(path)) return 'id';
  return type === 'integer-or-string' ? 'integer' : type;
}

/** Names that mean a time. */
const TIME_NAME = /(?:Time|TimeStamp|CallbackTs|EventTs|EventMsTs)$/;

/** The kind that a field is wanted to have: what is documented, or what an exception says. */
export function wantedKind(field: CatalogueField, exception: CatalogueException | undefined): string {
  return exception?.kind ?? documentedKind(field);
}

const kindByTarget: Readonly<Record<string, KindName>> = {
  string: 'id',
  integer: 'integer',
  boolean: 'boolean-or-text',
  array: 'array-or-item',
};

/** The kind that a schema describes, in the same words. */
export function describedKind(path: string, schema: Schema | undefined): string {
  if (schema === undefined) return 'undescribed';
  const { type = 'no type', pattern, 'x-as': target, 'x-empty': empty } = schema;
  if (empty === 'absent') return 'time';
  if (target !== undefined) {
    const acceptsEmpty = target === 'integer' && new RegExp(pattern ?? '').test('');
    return acceptsEmpty ? 'integer-or-empty' : (kindByTarget[target] ?? target);
  }
  if (type === 'string' && documentedKind({ path, type, required: 'unknown' }) === 'command')
    return 'command';
  return Array.isArray(type) ? type.join('-or-') : type;
}
