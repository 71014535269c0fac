/** Finds the documented command that somebody meant. */

import { distance } from 'fastest-levenshtein';
import { didYouMean } from '../base/did-you-mean.js';
import { ConfigurationError } from '../base/errors.js';
import { COMMANDS } from '../protocol/commands.js';

/** Names that differ by no more edits than this are taken for slips. */
const MAX_EDITS = 2;

/**
 * Refuses a name that is a documented command but for its case or two edits: nothing would ever call it.
 * @throws ConfigurationError `command_misspelt`.
 */
export function refuseNearMiss(command: string): void {
  const meant = COMMANDS.find(
    ({ name }) =>
      name.toLowerCase() === command.toLowerCase() ||
      (Math.abs(name.length - command.length) <= MAX_EDITS && distance(name, command) <= MAX_EDITS),
  );
  if (meant !== undefined) {
    throw new ConfigurationError('command_misspelt', `${command} is no command; did you mean ${meant.name}?`);
  }
}

/** The end of a message about a name that is no documented command: the nearest one, where there is one. */
export function meantCommand(command: string): string {
  return didYouMean(
    command,
    COMMANDS.map(({ name }) => name),
  );
}
