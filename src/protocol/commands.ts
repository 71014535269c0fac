/** The documented commands: what is known of each, and how its bodies are checked. */

import { commandPositions, type Positions } from '../generated/absences.js';
import { commandInfos, fieldNames } from '../generated/commands.js';
import { commandPlans, sharedPlans } from '../generated/normalizers.js';
import type { AnsweredCommand, CallbackBodies } from '../generated/types.js';
import * as validators from '../generated/validators.js';
import { dropAbsent } from './absence.js';
import type { CommandInfo as Info } from './command-info.js';
import { compilePlan, type Normalize } from './normalize.js';

/** A documented callback command, such as `C2C.CallbackBeforeSendMsg`. */
export type Command = keyof CallbackBodies;

/** What the vendor's documents say of a command. */
export type CommandInfo<Name extends string = Command> = Info<Name>;

/** Something that is wrong with a body. */
export interface BodyIssue {
  /** JSON pointer to the value; parts that are no documented field are written `*`. */
  readonly path: string;
  /** What it should be, such as `must be string`. */
  readonly message: string;
}

/** Of a body that fits. */
export const NO_ISSUES: readonly BodyIssue[] = Object.freeze([]);

interface AjvError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: { readonly missingProperty?: string };
}

/** A validator as ajv generates it: a function that leaves its errors on itself. */
export interface Validator {
  (body: unknown): unknown;
  errors?: readonly AjvError[] | null;
}

/** A command with what checks its bodies. */
export interface CommandEntry {
  readonly info: CommandInfo;
  /** Gives each field one type, in place. */
  readonly normalize: Normalize;
  /** Removes fields that say they have no value, in place; tells whether there were any. */
  readonly dropAbsent: (body: unknown) => boolean;
  readonly validate: Validator;
}

const shared = new Map<string, Normalize>();

function sharedNormalize(name: string): Normalize {
  let found = shared.get(name);
  if (found === undefined) {
    const plan = sharedPlans[name];
    // The generator writes a plan for every name it uses.
    found = compilePlan(plan as NonNullable<typeof plan>, sharedNormalize);
    shared.set(name, found);
  }
  return found;
}

const validatorByName = validators as unknown as Readonly<Record<string, Validator>>;

function entryOf(info: CommandInfo): CommandEntry {
  // The generator writes positions for every command.
  const positions = commandPositions[info.name] as Positions;
  return {
    info,
    normalize: compilePlan(commandPlans[info.name], sharedNormalize),
    dropAbsent: (body) => dropAbsent(body, positions),
    validate: validatorByName[info.name.replaceAll('.', '')] as Validator,
  };
}

const entries = new Map<string, CommandEntry>();
for (const info of commandInfos) {
  const entry = entryOf(info);
  for (const name of [info.name, ...(info.aliases ?? [])]) entries.set(name, entry);
}

/**
 * Every documented command, with phase, titles and the vendor's pages. Generated files import nothing but each
 * other: here and in `entryOf` the compiler checks that their tables are what our types say.
 */
export const COMMANDS: readonly CommandInfo[] = commandInfos;

/** The command that a name or an alias of it means, if it is a documented one. */
export function findCommand(name: string): CommandEntry | undefined {
  return entries.get(name);
}

/** Whether a name is a documented command; aliases are not. */
export function isCommand(name: string): name is Command {
  return entries.get(name)?.info.name === name;
}

/** Whether the vendor reads the answer to a command. */
export function isAnswered(info: CommandInfo): info is CommandInfo<AnsweredCommand> {
  return info.answer !== undefined;
}

const documentedFields = new Set(fieldNames);

/** The value at a JSON pointer; none where there is nothing. */
function valueAt(body: unknown, pointer: string): unknown {
  let value = body;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return value;
}

/** Our own parser keeps the digits of such a number: it was parsed by somebody else, and is another number by now. */
function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

const ROUNDED =
  'lost digits in the parser in front of qcloudIm: mount qcloudIm before it, or keep the bytes in req.rawBody';

function issueFrom({ instancePath, message = 'is invalid', params }: AjvError, body: unknown): BodyIssue {
  // A part that is no documented field is text of the sender.
  const path = instancePath
    .split('/')
    .map((part) => (part === '' || /^\d+$/.test(part) || documentedFields.has(part) ? part : '*'))
    .join('/');
  const { missingProperty } = params;
  return missingProperty === undefined
    ? { path, message: isRounded(valueAt(body, instancePath)) ? ROUNDED : message }
    : { path: `${path}/${missingProperty}`, message: 'is missing' };
}

/** What the last call of a validator found, without text of the sender. */
export function issuesOf({ errors }: Validator, body: unknown): readonly BodyIssue[] {
  // The keyword `if` only repeats that a branch of it failed.
  return (errors ?? []).filter(({ keyword }) => keyword !== 'if').map((error) => issueFrom(error, body));
}
