// Schemas → which fields, types and values are known: what src/observe/drift.ts compares bodies with.

import { GENERATED, inlineScalars, resolve, type Schema, type Schemas } from './load.js';

interface Shape {
  fields?: Record<string, Shape | string | 0>;
  open?: true;
  required?: string[];
  items?: Shape | string | 0;
  values?: string[];
  as?: string;
  by?: string;
  cases?: Record<string, Shape | string | 0>;
}

const DECLARATION = `/** What is known of a value. 0: nothing. A text: the name of a shared shape. */
export interface Shape {
  readonly fields?: Readonly<Record<string, Shape | string | 0>>;
  /** Whether users choose the names of further fields. */
  readonly open?: true;
  readonly required?: readonly string[];
  readonly items?: Shape | string | 0;
  /** Known values of an open set. */
  readonly values?: readonly string[];
  /** The type that handlers see, whatever came. */
  readonly as?: string;
  /** The field whose text says which of \`cases\` there is besides. */
  readonly by?: string;
  readonly cases?: Readonly<Record<string, Shape | string | 0>>;
}`;

export function generateFields(schemas: Schemas): string {
  const shared = new Map<string, { name: string; shape: Shape | string | 0 }>();

  function shapeOf(schema: Schema, base: string): Shape | string | 0 {
    if (schema.$ref) return sharedShape(schema.$ref, base);
    const found: Shape = {};
    if (schema['x-as'] !== undefined) found.as = schema['x-as'];
    if (schema['x-values'] !== undefined) found.values = schema['x-values'];
    if (schema.items) found.items = shapeOf(schema.items, base);
    if (schema.properties) {
      const fields = Object.entries(schema.properties).map(
        ([name, property]) => [name, shapeOf(property, base)] as const,
      );
      found.fields = Object.fromEntries(fields);
    }
    if (schema.additionalProperties === true) found.open = true;
    if (schema.required) found.required = schema.required;
    for (const part of schema.allOf ?? []) {
      const [field, test] = Object.entries(part.if?.properties ?? {})[0] ?? [];
      if (field === undefined || test?.const === undefined || part.then === undefined) continue;
      found.by = field;
      found.cases = { ...found.cases, [test.const]: shapeOf(part.then, base) };
    }
    return Object.keys(found).length > 0 ? found : 0;
  }

  function sharedShape(ref: string, base: string): string {
    const id = new URL(ref, base).href;
    const known = shared.get(id);
    if (known) return known.name;
    const entry = {
      name: id.replace(/^.*\/shared\//, '').replace('.json', ''),
      shape: 0 as Shape | string | 0,
    };
    // Before it is read: a message holds itself.
    shared.set(id, entry);
    entry.shape = shapeOf(inlineScalars(resolve(ref, base, schemas), id, schemas), id);
    return entry.name;
  }

  const commands = [...schemas.commands].map(([command, schema]) => {
    const base = schema.$id ?? '';
    return [command, shapeOf(inlineScalars(schema, base, schemas), base)] as const;
  });
  const lines = (entries: Iterable<readonly [string, unknown]>) =>
    [...entries].map(([name, shape]) => `  ${JSON.stringify(name)}: ${JSON.stringify(shape)},`);
  return [
    GENERATED,
    '',
    DECLARATION,
    '',
    '/** Shapes that several commands share, or that hold themselves. */',
    'export const sharedShapes: Readonly<Record<string, Shape | string | 0>> = {',
    ...lines([...shared.values()].map(({ name, shape }) => [name, shape] as const)),
    '};',
    '',
    '/** Bodies of each command. */',
    'export const commandShapes: Readonly<Record<string, Shape | string | 0>> = {',
    ...lines(commands),
    '};',
    '',
  ].join('\n');
}
