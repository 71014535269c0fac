// Reads the schemas and turns what stands for the wire into what a handler sees.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Phase } from '../../src/protocol/values.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A JSON Schema; only the keywords that the schemas of this repository use. */
export interface Schema {
  $schema?: string;
  $id?: string;
  $ref?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  pattern?: string;
  const?: string;
  enum?: string[];
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  if?: Schema;
  then?: Schema;
  examples?: unknown[];
  additionalProperties?: boolean;
  tsType?: string;
  'x-as'?: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  /** `absent`: an empty text says that there is no value. */
  'x-empty'?: 'absent';
  /** Known values of an open set of texts. */
  'x-values'?: string[];
  'x-title-zh'?: string;
  'x-phase'?: Phase;
  'x-docs'?: string[];
  'x-aliases'?: string[];
  'x-query-names'?: string[];
  'x-dedupe'?: string[];
  'x-answers'?: string[];
  'x-custom-codes'?: [number, number];
}

/** Keywords of ours that ajv's strict mode must know. */
export const ownKeywords = [
  'x-as',
  'x-empty',
  'x-values',
  'x-title-zh',
  'x-phase',
  'x-docs',
  'x-aliases',
  'x-query-names',
  'x-dedupe',
  'x-answers',
  'x-custom-codes',
];

function loadFolder(folder: string): Map<string, Schema> {
  const found = new Map<string, Schema>();
  for (const file of readdirSync(join(root, 'schemas', folder), {
    recursive: true,
    encoding: 'utf8',
  }).sort()) {
    if (file.endsWith('.json')) {
      const schema = JSON.parse(readFileSync(join(root, 'schemas', folder, file), 'utf8')) as Schema;
      found.set(folder === 'shared' ? (schema.$id ?? file) : basename(file, '.json'), schema);
    }
  }
  return found;
}

/** All schemas: commands and answers by command, shared ones by `$id`. */
export interface Schemas {
  readonly commands: Map<string, Schema>;
  readonly answers: Map<string, Schema>;
  readonly shared: Map<string, Schema>;
}

export function loadSchemas(): Schemas {
  return { commands: loadFolder('commands'), answers: loadFolder('answers'), shared: loadFolder('shared') };
}

/** The name of a command as part of an identifier. */
export function identifier(command: string): string {
  return command.replaceAll('.', '');
}

function mapChildren(schema: Schema, map: (child: Schema) => Schema): Schema {
  const out: Schema = { ...schema };
  if (schema.properties) {
    out.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, value]) => [key, map(value)]),
    );
  }
  if (schema.items) out.items = map(schema.items);
  if (schema.allOf) out.allOf = schema.allOf.map(map);
  if (schema.if) out.if = map(schema.if);
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits a schema
  if (schema.then) out.then = map(schema.then);
  return out;
}

/** Finds the schema that a `$ref` of `base` means. */
export function resolve(ref: string, base: string, schemas: Schemas): Schema {
  const id = new URL(ref, base).href;
  const found = schemas.shared.get(id);
  if (!found) throw new Error(`${base} refers to ${id}, which does not exist`);
  return found;
}

/**
 * Puts scalar schemas in the place of references to them, keeping the description at the reference: a
 * function call per id and numbered types per description are not worth a shorter schema.
 */
export function inlineScalars(schema: Schema, base: string, schemas: Schemas): Schema {
  if (schema.$ref) {
    const target = resolve(schema.$ref, base, schemas);
    if (target.properties || target.items) return { ...schema, $ref: new URL(schema.$ref, base).href };
    const { $schema, $id, title, description, ...rest } = target;
    return { ...rest, description: schema.description ?? description ?? '' };
  }
  return mapChildren(schema, (child) => inlineScalars(child, base, schemas));
}

/**
 * The schema of a body after its fields have got one type each: `x-as` takes the place of the list of types.
 * A pattern that lets the empty string through keeps it.
 */
export function narrow(schema: Schema): Schema {
  const as = schema['x-as'];
  if (as === undefined) return mapChildren(schema, narrow);
  const { 'x-as': _, pattern, ...rest } = schema;
  if (schema['x-empty'] === 'absent') return { ...rest, type: as };
  if (pattern !== undefined && new RegExp(pattern).test('')) {
    return { ...rest, type: [as, 'string'], pattern: '^$', tsType: "number | ''" };
  }
  return mapChildren({ ...rest, type: as }, narrow);
}
