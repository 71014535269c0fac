/** The options of the disk queue: what may be written, what it means, and the check of both. */

import { wholeNumber } from '../../base/checks.js';
import { type CallbackError, ConfigurationError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { type Backoff, type BackoffOptions, createBackoff } from '../backoff.js';

/** Where events are kept, how many are worked on at once, and what happens when a handler fails. */
export interface DiskQueueOptions {
  /**
   * Directory of the queue, made when it is missing. Each process needs one of its own. It must be on a disk
   * of this machine, not on a network share.
   */
  readonly dir: string;
  /** Handlers that run at the same time. At least 1. Default 16. */
  readonly workers?: number;
  /**
   * How many events may wait: with `capacity` + `workers` events accepted and not done, those of earlier
   * processes included, the next one is refused with `queue_full`. Default: no bound but the disk.
   */
  readonly capacity?: number;
  /**
   * Whether an event is accepted only when the disk itself has it (`fsync`). `false`: when the operating
   * system has it, which outlives the process, `kill -9` included, but not a power failure or a crash of the
   * system: these may take what was accepted in the last seconds before. Default `false`.
   */
  readonly sync?: boolean;
  /**
   * How often the handler is run for an event that it fails, the first time and runs of earlier processes
   * included. Runs that a crash cut short do not count. At least 1. Default 1: no retry.
   */
  readonly attempts?: number;
  /** How long to wait before each retry. After a restart an event does not wait. */
  readonly backoff?: BackoffOptions;
  /** Random numbers from 0 up to, but not including, 1, for the back-off; must not throw. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds since the Unix epoch, for ages and the times of dead letters. Default `Date.now`. */
  readonly now?: () => number;
  /**
   * Names what an event belongs to, such as `byConversation`. Events of one key run one after the other in
   * the order in which they were accepted, and one that is retried holds up those behind it; other keys go
   * on, unless a thousand events wait behind it. `undefined`: the event has no order. When it throws the
   * event is refused with `queue_failed`. Default: no order; events begin in the order of acceptance.
   */
  readonly orderBy?: (event: AnyCallbackEvent) => string | undefined;
  /**
   * Told of each event whose last run failed. May be async; nobody waits for it, and its failure is reported
   * as `store`. The queue keeps such events in any case: `dead()` and `retryDead()`. Default: nobody is told.
   */
  readonly onDead?: (event: AnyCallbackEvent, error: CallbackError) => unknown;
}

export const DISK_WORKERS = 16;

/** The options as they are used. */
export interface ResolvedDiskOptions {
  readonly dir: string;
  readonly workers: number;
  /** Most events that are accepted and not done. */
  readonly bound: number;
  readonly sync: boolean;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly now: () => number;
  readonly orderBy: (event: AnyCallbackEvent) => string | undefined;
  readonly onDead: ((event: AnyCallbackEvent, error: CallbackError) => unknown) | undefined;
}

/** @throws ConfigurationError `option_invalid` */
export function resolveDiskOptions(options: DiskQueueOptions): ResolvedDiskOptions {
  const { dir, sync = false, random = Math.random, now = Date.now, orderBy = noOrder, onDead } = options;
  if (typeof dir !== 'string' || dir === '') {
    throw new ConfigurationError('option_invalid', `dir must be the path of a directory, not ${String(dir)}`);
  }
  if (typeof sync !== 'boolean') {
    throw new ConfigurationError('option_invalid', `sync must be true or false, not ${String(sync)}`);
  }
  for (const [name, value] of Object.entries({ random, now, orderBy, onDead: onDead ?? noOrder })) {
    if (typeof value !== 'function') {
      throw new ConfigurationError('option_invalid', `${name} must be a function, not ${String(value)}`);
    }
  }
  const workers = wholeNumber('workers', options.workers, { fallback: DISK_WORKERS, min: 1 });
  const capacity = wholeNumber('capacity', options.capacity, { fallback: Number.MAX_SAFE_INTEGER, min: 0 });
  return Object.freeze({
    dir,
    workers,
    bound: capacity + workers,
    sync,
    attempts: wholeNumber('attempts', options.attempts, { fallback: 1, min: 1 }),
    backoff: createBackoff(options.backoff ?? {}, random),
    now,
    orderBy,
    onDead,
  });
}

function noOrder(): undefined {
  return undefined;
}
