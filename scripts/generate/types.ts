// Schemas → TypeScript types of bodies, answers and message contents.

import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { GENERATED, identifier, inlineScalars, narrow, type Schema, type Schemas } from './load.js';

const tsTypes: Readonly<Record<string, string>> = {
  'message-body': 'MessageElement[]',
  'relayed-message': 'RelayedMessage',
  'message-element': 'MessageElement',
};

/**
 * Shapes a schema for type generation only: references become names, objects are closed, so that a misspelt
 * field does not compile, and integers are numbers.
 */
function forTypes(schema: Schema): Schema {
  if (schema.$ref) {
    const name = schema.$ref.replace(/^.*\/shared\//, '').replace('.json', '');
    const tsType = tsTypes[name];
    if (tsType === undefined) throw new Error(`no TypeScript name for ${schema.$ref}`);
    return { description: schema.description ?? '', tsType };
  }
  const { if: _if, then: _then, allOf: _allOf, title: _title, ...rest } = schema;
  const out: Schema = { ...rest };
  const values = schema['x-values'];
  // `string & {}` keeps the editor from folding the known values into `string`.
  if (values) out.tsType = `${values.map((value) => `'${value}'`).join(' | ')} | (string & {})`;
  // A field that takes every type has none.
  else if (Array.isArray(schema.type) && schema.type.includes('array')) out.tsType = 'unknown';
  else if (schema.properties || schema.type?.includes('object')) {
    // An object without documented fields stays open; any other is closed.
    if (Array.isArray(schema.type)) out.tsType = 'Record<string, unknown> | number';
    else if (schema.properties) out.additionalProperties = schema.additionalProperties ?? false;
    else out.tsType = 'Record<string, unknown>';
  }
  if (schema.properties) {
    out.properties = Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, forTypes(v)]));
  }
  if (schema.items) out.items = forTypes(schema.items);
  delete out.examples;
  return out;
}

async function declare(
  schema: Schema,
  name: string,
  base: string,
  schemas: Schemas,
  parent?: string,
): Promise<string> {
  const shaped = forTypes(narrow(inlineScalars(schema, base, schemas)));
  const docs = schema['x-docs'] ?? [];
  const lines = [schema.description ?? '', ...docs.map((doc) => `@see ${doc}`)];
  const { $id, $schema, ...plain } = shaped;
  const code = await compile({ ...plain, title: name, description: lines.join('\n') } as JSONSchema, name, {
    bannerComment: '',
    style: { singleQuote: true, printWidth: 110 },
    additionalProperties: false,
    format: true,
  });
  return parent === undefined
    ? code
    : code.replace(/^export interface (\w+) \{/m, `export interface $1 extends ${parent} {`);
}

/** What the editor shows at a command's name: both titles, when it comes, and the vendor's page. */
function docOf(schema: Schema): string {
  const { title, 'x-title-zh': titleZh, 'x-phase': phase, 'x-docs': [page] = [] } = schema;
  return `  /**\n   * ${title} · ${titleZh} (${phase})\n   * @see ${page}\n   */`;
}

/** How a command is answered, as a sentence for the compiler's error. */
function hintOf(answer: Schema | undefined): string {
  if (answer === undefined) return 'the answer is not read: return ok() or nothing, or give queued(handle)';
  const kinds = answer['x-answers'] ?? [];
  const fields = kinds.length === 0 ? Object.keys(answer.properties ?? {}).join(', ') : '';
  const calls = [
    fields === '' ? 'ok()' : `ok({ ${fields} })`,
    ...kinds.map((kind) => (kind === 'drop' ? 'drop()' : `${kind}(…)`)),
  ];
  const list = calls.join(', ').replace(/, (?=[^,]+$)/, ' or ');
  return `the answer is read: return ${list}, or give queued(handle, asyncResponse)`;
}

export async function generateTypes(schemas: Schemas): Promise<string> {
  const parts = [GENERATED, ''];
  const elements: string[] = [];
  for (const [id, schema] of schemas.shared) {
    const element = /\/elements\/(\w+)\.json$/.exec(id)?.[1];
    if (element !== undefined) {
      elements.push(element);
      parts.push(await declare(schema, `${element}Content`, id, schemas));
    } else if (id.endsWith('/relayed-message.json')) {
      parts.push(await declare(schema, 'RelayedMessage', id, schemas));
    } else if (id.endsWith('/base-response.json')) {
      parts.push(await declare(schema, 'BaseResponse', id, schemas));
    }
  }
  parts.push(
    '/** MsgContent of the documented message elements, by MsgType. */',
    `export interface MessageContents {\n${elements.map((name) => `  ${name}: ${name}Content;`).join('\n')}\n}`,
    '',
    '/** A message element of a documented type. */',
    'export type KnownMessageElement = {',
    '  [Type in keyof MessageContents]: { MsgType: Type; MsgContent: MessageContents[Type] };',
    '}[keyof MessageContents];',
    '',
    '/** A message element of any other type; the set of types is open. */',
    'export interface OtherMessageElement {',
    '  /** Any text. `string & {}` lets the editor offer the documented types all the same. */',
    '  MsgType: string & {};',
    '  MsgContent: Record<string, unknown>;',
    '}',
    '',
    '/** An element of a message. `isElement` narrows it; comparing `MsgType` does not, because the set is open. */',
    'export type MessageElement = KnownMessageElement | OtherMessageElement;',
    '',
  );
  for (const [command, schema] of schemas.commands) {
    parts.push(await declare(schema, `${identifier(command)}Body`, schema.$id ?? '', schemas));
  }
  for (const [command, schema] of schemas.answers) {
    parts.push(
      await declare(schema, `${identifier(command)}Answer`, schema.$id ?? '', schemas, 'BaseResponse'),
    );
  }
  const commands = [...schemas.commands.keys()];
  parts.push(
    '/** The body of every documented callback, by command. */',
    `export interface CallbackBodies {\n${[...schemas.commands]
      .map(([c, schema]) => `${docOf(schema)}\n  '${c}': ${identifier(c)}Body;`)
      .join('\n')}\n}`,
    '',
    '/** The answer to every documented callback, by command. */',
    `export interface CallbackAnswers {\n${commands
      .map((c) => `  '${c}': ${schemas.answers.has(c) ? `${identifier(c)}Answer` : 'BaseResponse'};`)
      .join('\n')}\n}`,
    '',
    '/** The answer helpers beside `ok` that a command takes; none where the vendor ignores the answer. */',
    `export interface AnswerKinds {\n${commands
      .map(
        (c) =>
          `  '${c}': ${(schemas.answers.get(c)?.['x-answers'] ?? []).map((k) => `'${k}'`).join(' | ') || 'never'};`,
      )
      .join('\n')}\n}`,
    '',
    '/** What the compiler says where something else stands in the place of a handler, by command. */',
    `export interface AnswerHints {\n${commands
      .map((c) => `  '${c}': '${hintOf(schemas.answers.get(c))}';`)
      .join('\n')}\n}`,
    '',
    '/** Commands that ask whether something may happen. */',
    `export type BeforeCommand =\n${commands
      .filter((c) => schemas.commands.get(c)?.['x-phase'] === 'before')
      .map((c) => `  | '${c}'`)
      .join('\n')};`,
    '',
    '/** Commands whose answer the vendor reads. */',
    `export type AnsweredCommand =\n${[...schemas.answers.keys()].map((c) => `  | '${c}'`).join('\n')};`,
    '',
  );
  return parts.join('\n');
}
