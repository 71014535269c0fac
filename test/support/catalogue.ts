/** The catalogue of documented fields (test/fixtures/catalogue), and paths such as `MsgBody[].MsgType` in bodies. */

import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'lossless-json';
import { loadSchemas, resolve, type Schema } from '../../scripts/generate/load.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);

/** A documented field of a command's body. */
export interface CatalogueField {
  /** Names joined by dots; `[]` stands for any item, `*` for any name. */
  readonly path: string;
  readonly type: 'string' | 'integer' | 'integer-or-string' | 'boolean' | 'object' | 'array';
  /** Whether the documents show it always, under a condition, or say too little. */
  readonly required: 'always' | 'optional' | 'unknown';
}

/** What the documents say of a command. */
export interface CatalogueEntry {
  readonly command: string;
  readonly phase: string;
  readonly fields: readonly CatalogueField[];
  /** Bodies as they come over the wire; integers that no double holds are bigints. */
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** A documented field whose type here is another than its documented type leads to. */
export interface CatalogueException {
  readonly command: string;
  readonly path: string;
  readonly kind: string;
  readonly reason: string;
}

/** Parses JSON; an integer that no double holds becomes a bigint, which lossless-json writes out in full. */
export function parseExact(text: string): unknown {
  return parse(text, undefined, (digits) => {
    const number = Number(digits);
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
  });
}

function readFixture<T>(name: string): T {
  return parseExact(readFileSync(new URL(name, FIXTURES), 'utf8')) as T;
}

export const catalogue: readonly CatalogueEntry[] = readdirSync(new URL('catalogue/', FIXTURES))
  .sort()
  .map((file) => readFixture<CatalogueEntry>(`catalogue/${file}`));

export const exceptions = readFixture<readonly CatalogueException[]>('catalogue-exceptions.json');

/** The paths without which a body is refused, by command: our decision, reviewed by people. */
export const requiredPaths = new Map(
  Object.entries(readFixture<Record<string, readonly string[]>>('required.json')),
);

/** A step into a body: a field, or the first item. */
type Token = string | 0;

/** The steps of a path. Items are always the first one; `*` becomes a name that no document has. */
export function tokensOf(path: string): Token[] {
  return path
    .replaceAll('[]', '.0')
    .split('.')
    .map((part) => (part === '0' ? 0 : part === '*' ? 'any name' : part));
}

/** The path as an issue names it. */
export function pointerOf(path: string): string {
  return `/${tokensOf(path).join('/')}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const token of tokensOf(path)) {
    if (token === 0) value = Array.isArray(value) ? value[0] : undefined;
    else value = isRecord(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}

/** Stands for a value that is taken away. */
export const ABSENT = Symbol('absent');

function changed(value: unknown, [token, ...rest]: readonly Token[], put: unknown): unknown {
  if (token === undefined) return put;
  if (token === 0) {
    const [first, ...others] = Array.isArray(value) ? value : [];
    const item = changed(first, rest, put);
    return item === ABSENT ? others : [item, ...others];
  }
  const record = isRecord(value) ? value : {};
  const field = changed(record[token], rest, put);
  if (field !== ABSENT) return { ...record, [token]: field };
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== token));
}

/** The example that has a path, or else the one that has what holds it, with another value at that path. */
export function bodyWith({ examples }: CatalogueEntry, path: string, put: unknown): unknown {
  const holder = path.replace(/(?:\[\]|\.?[^.[\]]+)$/, '');
  const example =
    examples.find((body) => valueAt(body, path) !== undefined) ??
    examples.find((body) => holder === '' || valueAt(body, holder) !== undefined);
  if (example === undefined) throw new Error(`no example has what holds ${path}`);
  return changed(example, tokensOf(path), put);
}

const schemas = loadSchemas();

interface Located {
  readonly schema: Schema;
  /** What references in it are relative to. */
  readonly base: string;
}

function follow({ schema, base }: Located): Located {
  if (schema.$ref === undefined) return { schema, base };
  const id = new URL(schema.$ref, base).href;
  return { schema: resolve(schema.$ref, base, schemas), base: id };
}

function childrenOf({ schema, base }: Located, token: Token): Located[] {
  const own = token === 0 ? schema.items : schema.properties?.[token];
  // What depends on another field, such as the content of a message element, tells more.
  const cases = (schema.allOf ?? []).flatMap(({ then }) =>
    then === undefined ? [] : childrenOf(follow({ schema: then, base }), token),
  );
  return [...cases, ...(own === undefined ? [] : [follow({ schema: own, base })])];
}

function rootOf(command: string): Located {
  const schema = schemas.commands.get(command);
  if (schema === undefined) throw new Error(`there is no schema of ${command}`);
  return { schema, base: schema.$id ?? '' };
}

/** The schema at a path; where several describe it, the one that always holds. */
export function schemaAt(command: string, path: string): Schema | undefined {
  let found = [rootOf(command)];
  for (const token of tokensOf(path)) found = found.flatMap((located) => childrenOf(located, token));
  return found.at(-1)?.schema;
}

function requiredIn(located: Located, prefix: string): string[] {
  const { schema, base } = follow(located);
  if (schema.items !== undefined) return requiredIn({ schema: schema.items, base }, `${prefix}[]`);
  const pathOf = (name: string) => (prefix === '' ? name : `${prefix}.${name}`);
  return [
    ...(schema.required ?? []).map(pathOf),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      requiredIn({ schema: property, base }, pathOf(name)),
    ),
  ];
}

/** The paths that a command's schema requires, save those inside the content of message elements. */
export function requiredBySchema(command: string): string[] {
  return requiredIn(rootOf(command), '');
}

/** The shared schemas that describe what lies inside `MsgContent`. */
export function contentSchemas(): [id: string, schema: Schema][] {
  return [...schemas.shared].filter(([id]) => /\/(?:elements\/|relayed-message)/.test(id));
}
