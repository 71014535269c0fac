/** Opens the directory of the disk queue, holds what is there against the witness, and says what is wrong with it. */

import type { ClassicLevel } from 'classic-level';
import { CallbackError, isCallbackError } from '../../base/errors.js';
import { damaged, Remains } from './directory.js';
import { Audit, type Ledger, type Note } from './ledger.js';
import { NOTE_KEY, numberOf, ROW_KINDS, rangeOf } from './rows.js';
import { Witness } from './witness.js';

/** Holds the version of the rows. A release that changes them refuses the directories of later ones. */
const FORMAT_KEY = 'format';
const FORMAT = '1';

/** What an opening found. */
export interface Inventory {
  /** How many rows of events there are. */
  readonly events: number;
  /** The smallest number that is larger than that of every row. */
  readonly next: number;
}

/** A directory that is open. */
export interface OpenFiles {
  readonly level: ClassicLevel;
  readonly witness: Witness;
  readonly inventory: Inventory;
}

/**
 * @param ledger gets what was found.
 * @param found is told of damage with which the directory could be opened. Must not throw.
 * @throws CallbackError `queue_failed`, or `queue_damaged`: then the directory is as it was before.
 */
export async function openDirectory(
  dir: string,
  ledger: Ledger,
  found: (problem: CallbackError) => void,
  createIfMissing: boolean,
): Promise<OpenFiles> {
  const Level = await loadLevel();
  let remains: Remains | undefined;
  let witness: Witness | undefined;
  let level: ClassicLevel | undefined;
  try {
    remains = await Remains.of(dir, createIfMissing);
    // Not before: it begins to open the directory by itself.
    level = new Level(dir, { createIfMissing });
    await level.open();
    await remains.check();
    await checkFormat(level);
    witness = new Witness(dir);
    const note = noteFrom(await level.get(NOTE_KEY));
    const audit = new Audit(witness.found, note);
    const { aside, ...inventory } = await takeInventory(level, audit, ledger);
    const { missing } = audit;
    if (missing > 0) found(missingRows(dir, missing, await remains.keep()));
    if (witness.isCopy) found(copied(dir));
    ledger.sequence = Math.max(note?.sequence ?? 0, witness.found?.sequence ?? 0);
    ledger.aside = aside;
    ledger.lost += missing;
    const { events, next } = inventory;
    witness.write({ sequence: ledger.sequence, next: 0, end: next, others: events + aside, held: new Set() });
    await remains.drop();
    return { level, witness, inventory };
  } catch (thrown) {
    witness?.close();
    await level?.close();
    const inUse = await isInUse(Level, dir);
    // Where this fails, too, it is for the reason that is thrown.
    await (inUse ? remains?.discard() : remains?.restore())?.catch(() => undefined);
    throw inUse ? heldByAnother() : openFailure(dir, thrown);
  }
}

/**
 * LevelDB, which is loaded when a directory is opened, so that a missing package can be told in plain words.
 * @throws CallbackError `queue_failed`.
 */
async function loadLevel(): Promise<typeof ClassicLevel> {
  try {
    return (await import('classic-level')).ClassicLevel;
  } catch (cause) {
    throw new CallbackError('queue_failed', {
      message: 'diskQueue needs the package classic-level: npm install classic-level',
      cause,
    });
  }
}

/** Whether another queue has the directory open: its files change then, and look damaged. Changes nothing. */
async function isInUse(Level: typeof ClassicLevel, dir: string): Promise<boolean> {
  const level = new Level(dir, { createIfMissing: false, errorIfExists: true });
  const problem: unknown = await level.open().catch(causeOf);
  await level.close();
  return problem instanceof Error && 'code' in problem && problem.code === 'LEVEL_LOCKED';
}

/** Reads every key. */
async function takeInventory(
  level: ClassicLevel,
  audit: Audit,
  ledger: Ledger,
): Promise<Inventory & { readonly aside: number }> {
  let events = 0;
  let aside = 0;
  let next = 0;
  for (const kind of ROW_KINDS) {
    for await (const key of level.keys(rangeOf(kind))) {
      const number = numberOf(key);
      next = Math.max(next, number + 1);
      audit.see(kind, number);
      if (kind === 'event') events += 1;
      else {
        aside += 1;
        // What this process has put aside counts once, when a queue opens its directory anew.
        ledger.held.delete(number);
      }
    }
  }
  return { events, aside, next };
}

async function checkFormat(level: ClassicLevel): Promise<void> {
  const format = await level.get(FORMAT_KEY);
  if (format === undefined) await level.put(FORMAT_KEY, FORMAT);
  else if (format !== FORMAT) {
    throw new CallbackError('queue_failed', {
      message: 'the directory of the disk queue was written by a later release',
    });
  }
}

function noteFrom(text: string | undefined): Note | undefined {
  return text === undefined ? undefined : JSON.parse(text);
}

function missingRows(dir: string, missing: number, remains: string): CallbackError {
  return new CallbackError('queue_damaged', {
    message: `${missing} accepted events of the disk queue are missing`,
    cause: new Error(`they are not in ${dir} any more; what was in it before it was opened is in ${remains}`),
  });
}

function copied(dir: string): CallbackError {
  return new CallbackError('queue_damaged', {
    message: 'the directory of the disk queue is a copy',
    cause: new Error(
      `${dir} was copied, or restored from one: what was accepted since the copy was made may be missing, and what was done since may be done again`,
    ),
  });
}

/** What LevelDB says of files that it cannot make sense of. */
const DAMAGE = /Corruption|No such file|does not exist|NotFound|Invalid argument|bad record|too short/i;

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
}

function heldByAnother(): CallbackError {
  return new CallbackError('queue_failed', {
    message:
      'the directory of the disk queue is open in another process, or in another queue of this one; give each a directory of its own',
  });
}

function openFailure(dir: string, thrown: unknown): CallbackError {
  if (isCallbackError(thrown)) return thrown;
  const cause = causeOf(thrown);
  if (DAMAGE.test(String(cause))) return damaged(dir, 'it cannot be read', cause);
  return new CallbackError('queue_failed', {
    message: 'the directory of the disk queue cannot be opened',
    cause,
  });
}
