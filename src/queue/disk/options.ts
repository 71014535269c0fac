/** The options of the disk queue: what may be written, what it means, and the check of both. */

import { checkNames, type OptionNames, wholeNumber } from '../../base/checks.js';
import { ConfigurationError } from '../../base/errors.js';
import {
  type ResolvedRunOptions,
  RUN_OPTION_NAMES,
  type RunOptions,
  resolveRunOptions,
} from '../run-options.js';

/**
 * Where events are kept, and how they are run. Runs of earlier processes count as `attempts`; after a restart an
 * event does not wait for its retry. A thousand events wait in memory: with `orderBy`, an event that is retried
 * holds up all others once a thousand of its key wait behind it.
 */
export interface DiskQueueOptions extends RunOptions {
  /**
   * Directory of the queue, made when it is missing. Each process needs one of its own. It must be on a disk
   * of this machine, not on a network share. Its mode is set to 0700 where this process may: it holds messages.
   */
  readonly dir: string;
  /**
   * How many events may wait: with `capacity` + `workers` events accepted and not done, those of earlier
   * processes included, the next one is refused with `queue_full`. From 0. Defaults to no bound but the disk.
   */
  readonly capacity?: number | undefined;
  /**
   * Whether an event is accepted only when the disk itself has it (`fsync`). `false`: when the operating
   * system has it, which outlives the process, `kill -9` included, but not a power failure or a crash of the
   * system: these may take what was accepted in the last seconds before. Defaults to `false`.
   */
  readonly sync?: boolean | undefined;
}

const OPTION_NAMES = {
  ...RUN_OPTION_NAMES,
  dir: true,
  capacity: true,
  sync: true,
} as const satisfies OptionNames<DiskQueueOptions>;

/** Most events that wait in memory; the others wait on disk. */
export const WINDOW_EVENTS = 1_000;

/** Characters of stored text above which no further event is taken into memory. */
export const WINDOW_CHARS = 32 * 1024 * 1024;

/** How long `close` waits, when its time is over, for the directory to be let go, in milliseconds. */
export const STORE_CLOSE_MS = 1_000;

/** The options as they are used. */
export interface ResolvedDiskOptions {
  readonly run: ResolvedRunOptions;
  readonly dir: string;
  /** Most events that are accepted and not done. */
  readonly bound: number;
  readonly sync: boolean;
}

/** @throws ConfigurationError `option_invalid` or `option_unknown` */
export function resolveDiskOptions(options: DiskQueueOptions): ResolvedDiskOptions {
  checkNames('diskQueue', options, OPTION_NAMES);
  const { dir, sync = false } = options;
  if (typeof dir !== 'string' || dir === '') {
    throw new ConfigurationError('option_invalid', `dir must be the path of a directory, not ${String(dir)}`);
  }
  if (typeof sync !== 'boolean') {
    throw new ConfigurationError('option_invalid', `sync must be true or false, not ${String(sync)}`);
  }
  const run = resolveRunOptions(options);
  const capacity = wholeNumber('capacity', options.capacity, { fallback: Number.MAX_SAFE_INTEGER, min: 0 });
  return { run, dir, bound: capacity + run.workers, sync };
}
