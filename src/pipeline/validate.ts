/** Stage 4: which command is it, and does the body fit that command's schema? */

import { CallbackError } from '../base/errors.js';
import { type BodyIssue, type CommandEntry, findCommand, issuesOf, NO_ISSUES } from '../protocol/commands.js';
import type { Envelope } from './envelope.js';

/** A body whose command is known and whose fields have one type each. */
export interface ValidatedBody {
  readonly entry: CommandEntry | undefined;
  /** The command, with aliases resolved. */
  readonly command: string;
  readonly issues: readonly BodyIssue[];
}

function commandsIn(body: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { CallbackCommand, Events } = body;
  if (!Array.isArray(Events)) return [CallbackCommand];
  return [
    CallbackCommand,
    ...Events.map((item: unknown) => (item as { CallbackCommand?: unknown } | null)?.CallbackCommand),
  ];
}

/**
 * The command of a request: the query's, which every command in the body has to equal, because the signature
 * covers neither. A body without one is fine.
 * @throws CallbackError `command_mismatch`.
 */
function commandOf(envelope: Envelope, body: Readonly<Record<string, unknown>>): string {
  const asked = envelope.params.CallbackCommand;
  let command = envelope.entry?.info.name ?? asked;
  for (const name of commandsIn(body)) {
    if (typeof name !== 'string') continue;
    const named = findCommand(name)?.info;
    // The vendor's page of one command prints another one's name in the query.
    if (named?.queryNames?.includes(asked)) command = named.name;
    else if ((named?.name ?? name) !== command) throw new CallbackError('command_mismatch');
  }
  return command;
}

/**
 * Gives each field its type, in place. Says whether the body fits its schema, where need be without the fields that say
 * they have no value. Those make a body not fit, so that one which fits need not be searched for them.
 */
export function normalizeBody(
  { normalize, validate, dropAbsent }: CommandEntry,
  body: Record<string, unknown>,
): boolean {
  normalize(body);
  return validate(body) === true || (dropAbsent(body) && validate(body) === true);
}

/**
 * Gives each field its type and checks the body, in place.
 * @throws CallbackError `query_invalid` without an app id or command; `command_mismatch`; `body_invalid`,
 * unless `acceptInvalid`.
 */
export function validateBody(
  envelope: Envelope,
  body: Record<string, unknown>,
  acceptInvalid: boolean,
): ValidatedBody {
  const { SdkAppid, CallbackCommand } = envelope.params;
  if (SdkAppid === '' || CallbackCommand === '') throw new CallbackError('query_invalid');
  const command = commandOf(envelope, body);
  const entry = findCommand(command);
  if (entry === undefined) return { entry, command, issues: NO_ISSUES };
  if (normalizeBody(entry, body)) return { entry, command, issues: NO_ISSUES };
  return { entry, command, issues: settleIssues(issuesOf(entry.validate, body), acceptInvalid) };
}

/**
 * Hands issues on where invalid bodies are accepted.
 * @throws InvalidBodyError when there are any and they are not.
 */
export function settleIssues(issues: readonly BodyIssue[], acceptInvalid: boolean): readonly BodyIssue[] {
  if (issues.length > 0 && !acceptInvalid) throw new InvalidBodyError(issues);
  return issues;
}

/** `body_invalid` with what is wrong. */
export class InvalidBodyError extends CallbackError {
  readonly issues: readonly BodyIssue[];

  constructor(issues: readonly BodyIssue[]) {
    super('body_invalid', { message: issues.map(({ path, message }) => `${path} ${message}`).join('; ') });
    this.issues = issues;
  }
}
