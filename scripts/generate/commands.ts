// Schemas → the table of commands.

import { GENERATED, type Schemas } from './load.js';

/**
 * The type of the rows. It is spelt out, because generated files import nothing but each other; the compiler
 * compares it with `CommandInfo` where src/protocol/commands.ts takes the table.
 */
function rowType(phases: readonly string[]): string {
  return `interface Row {
  readonly name: keyof CallbackBodies;
  readonly phase: ${phases.map((phase) => `'${phase}'`).join(' | ')};
  readonly title: string;
  readonly titleZh: string;
  readonly docs: readonly string[];
  readonly aliases?: readonly string[];
  readonly queryNames?: readonly string[];
  readonly dedupe?: readonly string[];
  readonly answer?: {
    readonly kinds: readonly AnswerKinds[keyof AnswerKinds][];
    readonly codes?: readonly [number, number];
  };
}`;
}

export function generateCommands(schemas: Schemas): string {
  const entries = [...schemas.commands].map(([name, schema]) => {
    const answer = schemas.answers.get(name);
    return {
      name,
      phase: schema['x-phase'],
      title: schema.title,
      titleZh: schema['x-title-zh'],
      docs: schema['x-docs'],
      ...(schema['x-aliases'] ? { aliases: schema['x-aliases'] } : {}),
      ...(schema['x-query-names'] ? { queryNames: schema['x-query-names'] } : {}),
      ...(schema['x-dedupe'] ? { dedupe: schema['x-dedupe'] } : {}),
      ...(answer
        ? {
            answer: {
              kinds: answer['x-answers'],
              ...(answer['x-custom-codes'] ? { codes: answer['x-custom-codes'] } : {}),
            },
          }
        : {}),
    };
  });
  const fields = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'properties') for (const name of Object.keys(child as object)) fields.add(name);
      collect(child);
    }
  };
  for (const schema of [...schemas.commands.values(), ...schemas.shared.values()])
    collect({ ...schema, examples: [] });
  return [
    GENERATED,
    "import type { AnswerKinds, CallbackBodies } from './types.js';",
    '',
    rowType([...new Set(entries.map(({ phase = '' }) => phase))].sort()),
    '',
    '/** Every documented command, in the order of their names. */',
    `export const commandInfos: readonly Row[] = ${JSON.stringify(entries, null, 1)};`,
    '',
    '/** Names of all documented fields: a path that holds another name holds text of the sender. */',
    `export const fieldNames: readonly string[] = ${JSON.stringify([...fields].sort())};`,
    '',
  ].join('\n');
}

/** The first example of each command, for the samples of the testing entry. */
export function generateExamples(schemas: Schemas): string {
  const examples = Object.fromEntries(
    [...schemas.commands].map(([name, schema]) => [name, schema.examples?.[0]]),
  );
  return [
    GENERATED,
    "import type { CallbackBodies } from './types.js';",
    '',
    '/** A full body of every documented command as it comes over the wire, with invented values. */',
    `export const examples: Readonly<Record<keyof CallbackBodies, Readonly<Record<string, unknown>>>> = ${JSON.stringify(examples, null, 1)};`,
    '',
  ].join('\n');
}
