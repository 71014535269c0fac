// Schemas → standalone ajv validators, one function per command.

import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import {
  GENERATED,
  identifier,
  inlineScalars,
  narrow,
  ownKeywords,
  type Schema,
  type Schemas,
} from './load.js';

/** What only people read makes the generated code larger and slower to load. */
function strip(schema: Schema): Schema {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      ['description', 'examples', 'title', 'tsType', '$schema'].includes(key) && typeof value !== 'object'
        ? undefined
        : key === 'examples' || (key.startsWith('x-') && ownKeywords.includes(key))
          ? undefined
          : value,
    ),
  ) as Schema;
}

/** What custom keywords of ajv and its readers would need: we have none, and read neither. */
const UNUSED = [
  /schemaPath:"(?:[^"\\]|\\.)*",/g,
  /, parentData, parentDataProperty, rootData=data/g,
  /,parentData:[^,{}]+,parentDataProperty:(?:"(?:[^"\\]|\\.)*"|[^,{}"]+),rootData/g,
  /\/\*# sourceURL=.*? \*\/;/g,
] as const;

export function generateValidators(schemas: Schemas): string {
  const ajv = new Ajv({
    code: { source: true, esm: true, lines: true },
    // Without it ajv copies the message elements into each of the twelve commands that hold messages.
    inlineRefs: false,
    // All errors of a hostile megabyte take seconds of the event loop; the first one is enough to refuse.
    allErrors: false,
    strict: true,
    strictTypes: false,
    allowUnionTypes: true,
  });
  for (const [id, schema] of schemas.shared) ajv.addSchema(strip(narrow(inlineScalars(schema, id, schemas))));
  const names: Record<string, string> = {};
  for (const [command, schema] of schemas.commands) {
    const id = schema.$id ?? '';
    ajv.addSchema(strip(narrow(inlineScalars(schema, id, schemas))));
    names[identifier(command)] = id;
  }
  const whole = (standalone.default ?? standalone)(ajv, names).replace('"use strict";', '');
  const used = UNUSED.reduce((text, unused) => text.replaceAll(unused, ''), whole);
  // Few schemas are looked at when a body is checked.
  const code = used.replaceAll(/^const (schema\d+) = .*;\n/gm, (line, name: string) =>
    used.split(new RegExp(`\\b${name}\\b`)).length > 2 ? line : '',
  );
  return [
    GENERATED,
    '// @ts-nocheck: the code of ajv has no types; src/protocol/commands.ts gives it one.',
    code,
    '',
  ].join('\n');
}
