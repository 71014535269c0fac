/** The catalogue walk: every documented field of every command, through a real Express app. */

import { stringify } from 'lossless-json';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/index.js';
import {
  ABSENT,
  bodyWith,
  type CatalogueEntry,
  type CatalogueField,
  catalogue,
  contentSchemas,
  exceptions,
  isRecord,
  pointerOf,
  requiredBySchema,
  requiredPaths,
  schemaAt,
  valueAt,
} from '../support/catalogue.js';
import { type ExpressReceiver, type Outcome, startExpressReceiver } from '../support/express-receiver.js';
import { describedKind, documentedKind, type Kind, kindOf, wantedKind } from '../support/field-kinds.js';

let receiver: ExpressReceiver;
beforeAll(async () => {
  receiver = await startExpressReceiver();
});
afterAll(() => receiver.close());

function send({ command }: CatalogueEntry, body: unknown): Promise<Outcome> {
  return receiver.send(command, stringify(body) ?? '');
}

function exceptionOf(command: string, path: string) {
  return exceptions.find((one) => one.command === command && one.path === path);
}

function kindOfField({ command }: CatalogueEntry, field: CatalogueField): Kind {
  return kindOf(wantedKind(field, exceptionOf(command, field.path)));
}

function requiredOf({ command }: CatalogueEntry): readonly string[] {
  return requiredPaths.get(command) ?? [];
}

/** Whether `null` says that the field is not there: an item of a list, and what is required, have to be. */
function mayBeNull(entry: CatalogueEntry, { path }: CatalogueField): boolean {
  return !path.endsWith('[]') && !requiredOf(entry).includes(path);
}

/** Says what is wrong when a body did not reach the handler of its command. */
function missed(entry: CatalogueEntry, { status, answer, event }: Outcome): string | undefined {
  if (status === 200 && answer['ErrorCode'] === 0 && event?.command === entry.command) return undefined;
  return `did not reach its handler: ${status} ${JSON.stringify(answer)}`;
}

/** Says what is wrong when a body was not refused, or not because of this path only. */
function notRefused(
  path: string,
  { status, answer, event, unhandled, refusal }: Outcome,
): string | undefined {
  const pointer = pointerOf(path);
  const named = refusal?.issues?.map((issue) => issue.path) ?? [];
  const refused =
    status === 400 &&
    event === undefined &&
    unhandled === undefined &&
    refusal?.error.code === 'body_invalid' &&
    String(answer['ErrorInfo']).startsWith(`body_invalid: ${pointer} `) &&
    named.length > 0 &&
    named.every((one) => one === pointer);
  return refused ? undefined : `was not refused for ${pointer}: ${status} ${JSON.stringify(answer)} ${named}`;
}

/** A value with all its scalars as text: what has to stay the same when fields change their type. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (!isRecord(value)) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, asText(field)]));
}

const SURPRISE = { NobodyKnows: [1, { Deep: '中' }] };

/** The value with an unknown field in each of its objects. */
function withSurprises(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSurprises);
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withSurprises(field)]);
  return { ...Object.fromEntries(fields), Surprise: SURPRISE };
}

const rows = catalogue.map((entry) => [entry.command, entry] as const);

describe('the catalogue and the schemas', () => {
  it('know the same commands in the same phases', () => {
    const documented = catalogue.map(({ command, phase }) => `${command} ${phase}`);
    expect(documented).toHaveLength(89);
    expect(COMMANDS.map(({ name, phase }) => `${name} ${phase}`).sort()).toEqual(documented.sort());
  });

  it('walk over all 865 documented fields', () => {
    expect(catalogue.flatMap(({ fields }) => fields)).toHaveLength(865);
  });

  it.each(rows)('agree on place and type of every field of %s', (command, entry) => {
    const wrong = entry.fields.flatMap((field) => {
      const { path } = field;
      const wanted = wantedKind(field, exceptionOf(command, path));
      const found = describedKind(path, schemaAt(command, path));
      return found === wanted ? [] : [`${path} is ${found}, not ${wanted}`];
    });
    expect(wrong).toEqual([]);
  });

  it('list as exceptions only what is one, each with its reason', () => {
    const idle = exceptions.filter(({ command, path, kind, reason }) => {
      const field = catalogue
        .find((entry) => entry.command === command)
        ?.fields.find((one) => one.path === path);
      return field === undefined || documentedKind(field) === kind || reason.length < 20;
    });
    expect(idle).toEqual([]);
  });

  it.each(rows)('require of %s what the reviewed list says, and only what always comes', (command, entry) => {
    const required = requiredOf(entry);
    expect([...requiredBySchema(command)].sort()).toEqual([...required].sort());
    const always = entry.fields.filter((field) => field.required === 'always').map(({ path }) => path);
    expect(required.filter((path) => !always.includes(path))).toEqual([]);
  });

  it('have the reviewed list for the same commands', () => {
    expect([...requiredPaths.keys()].sort()).toEqual(catalogue.map(({ command }) => command).sort());
  });

  it('require nothing inside the content of a message element', () => {
    const found = contentSchemas();
    expect(found).toHaveLength(11);
    expect(found.filter(([, schema]) => schema.required !== undefined)).toEqual([]);
  });
});

describe.each(rows)('%s', (_, entry) => {
  const { fields, examples } = entry;

  it('reaches its handler with every documented body, each field in its one type', async () => {
    const wrong: string[] = [];
    for (const [index, example] of examples.entries()) {
      const outcome = await send(entry, example);
      const problem = missed(entry, outcome);
      if (problem !== undefined) wrong.push(`example ${index} ${problem}`);
      const body = outcome.event?.body;
      expect(asText(body)).toEqual(asText(example));
      for (const field of fields) {
        const value = valueAt(body, field.path);
        if (value !== undefined && !kindOfField(entry, field).seen(value)) {
          wrong.push(`${field.path} of example ${index} arrives as ${JSON.stringify(value)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is refused for a field of a wrong type, which is named', async () => {
    const wrong: string[] = [];
    for (const field of fields) {
      for (const value of kindOfField(entry, field).refused) {
        if (value === null && mayBeNull(entry, field)) continue;
        const problem = notRefused(field.path, await send(entry, bodyWith(entry, field.path, value)));
        if (problem !== undefined) wrong.push(`${field.path} as ${stringify(value)} ${problem}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is refused without a required field, which is named, and taken without any other', async () => {
    const wrong: string[] = [];
    for (const { path } of fields) {
      const rest = bodyWith(entry, path, ABSENT);
      // Nothing at all would be the console's try of the URL.
      const empty = stringify(rest) === '{}';
      const outcome = await send(entry, empty ? { Surprise: SURPRISE } : rest);
      const problem = requiredOf(entry).includes(path) ? notRefused(path, outcome) : missed(entry, outcome);
      if (problem !== undefined) wrong.push(`without ${path} it ${problem}`);
      else if (outcome.event !== undefined && !path.endsWith('[]')) {
        if (valueAt(outcome.event.body, path) !== undefined) wrong.push(`${path} was invented`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('takes null in the place of any field that may be missing, as if it were not there', async () => {
    const wrong: string[] = [];
    for (const field of fields.filter((one) => mayBeNull(entry, one) && !one.path.endsWith('*'))) {
      const outcome = await send(entry, bodyWith(entry, field.path, null));
      const problem = missed(entry, outcome);
      if (problem !== undefined) wrong.push(`${field.path} as null ${problem}`);
      else if (valueAt(outcome.event?.body, field.path) !== undefined)
        wrong.push(`${field.path} as null is still there`);
    }
    expect(wrong).toEqual([]);
  });

  it('gives every field one type, whichever way it comes, and loses no digit', async () => {
    const wrong: string[] = [];
    for (const field of fields) {
      for (const [sent, seen] of kindOfField(entry, field).accepted) {
        const outcome = await send(entry, bodyWith(entry, field.path, sent));
        const value = valueAt(outcome.event?.body, field.path);
        const problem = missed(entry, outcome);
        if (problem !== undefined) wrong.push(`${field.path} as ${stringify(sent)} ${problem}`);
        else if (JSON.stringify(value) !== JSON.stringify(seen)) {
          wrong.push(`${field.path} as ${stringify(sent)} arrives as ${JSON.stringify(value)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('brings unknown fields of every object to its handler', async () => {
    for (const example of examples) {
      const body = withSurprises(example);
      const outcome = await send(entry, body);
      expect(missed(entry, outcome)).toBeUndefined();
      expect(asText(outcome.event?.body)).toEqual(asText(body));
      expect(outcome.event?.extra('Surprise')).toEqual(SURPRISE);
    }
  });
});
