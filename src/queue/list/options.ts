/** The options of the list queue: what may be written, what it means, and the check of both. */

import { checkNames, type OptionNames, wholeNumber } from '../../base/checks.js';
import { ConfigurationError } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import { type Backoff, type BackoffOptions, createBackoff } from '../backoff.js';
import {
  type ResolvedRunOptions,
  RUN_OPTION_NAMES,
  type RunOptions,
  resolveRunOptions,
} from '../run-options.js';
import type { ListCache } from './cache.js';

/** Which list, how much may be on it, and how its events are run. There is no order among several processes. */
export interface ListQueueOptions extends Omit<RunOptions, 'orderBy'> {
  /**
   * Key of the list, without a default: processes that give the same one share its events, and what a process
   * leaves is there for the next one. Dead events go to `<key>:dead`, what is no event to `<key>:invalid`; with a
   * Redis that spreads keys over servers give it a hash tag: `{im}`.
   */
  readonly key: string;
  /**
   * Length of the list from which on events are refused with `queue_full`. Requests at the same moment do not
   * see one another and may go beyond it. At least 1. Defaults to no bound but the store's own.
   */
  readonly capacity?: number | undefined;
  /**
   * Pushes that may be under way at once; an event beyond is refused with `queue_full`. At least 1. Defaults to
   * 10,000.
   */
  readonly maxPending?: number | undefined;
  /**
   * Milliseconds that one wait for an event takes in the store, from 1; `close` has to wait for its end. Defaults
   * to 1,000.
   */
  readonly blockMs?: number | undefined;
}

const { orderBy: _, ...RUN_NAMES } = RUN_OPTION_NAMES;
const OPTION_NAMES = {
  ...RUN_NAMES,
  key: true,
  capacity: true,
  maxPending: true,
  blockMs: true,
} as const satisfies OptionNames<ListQueueOptions>;

const LIST_MAX_PENDING = 10_000;
const LIST_BLOCK_MS = 1_000;

/** Pauses while the store fails: never at once again, and soon there when it is back. */
const PAUSE: BackoffOptions = { initialMs: 100, maxMs: 2_000, jitter: 'equal' };

/** The options as they are used. */
export interface ResolvedListOptions {
  readonly run: ResolvedRunOptions;
  readonly key: string;
  /** How long to wait after so many failures of the store in a row. */
  readonly pause: Backoff;
  readonly capacity: number;
  readonly maxPending: number;
  readonly blockMs: number;
}

/** @throws ConfigurationError `option_invalid` or `option_unknown` */
export function resolveListOptions(cache: ListCache, options: ListQueueOptions): ResolvedListOptions {
  checkNames('listQueue', options, OPTION_NAMES);
  const { key } = options;
  if (typeof key !== 'string' || key === '') {
    throw new ConfigurationError('option_invalid', 'listQueue needs a key: the name of its list');
  }
  for (const verb of ['blpop', 'rpush', 'llen']) {
    if (typeof Reflect.get(cache, verb) !== 'function') {
      throw new ConfigurationError(
        'option_invalid',
        `the cache of listQueue has no ${verb}; make one with ioredisCache(client) or redisCache(client)`,
      );
    }
  }
  const run = resolveRunOptions(options);
  return {
    run,
    key,
    pause: createBackoff(PAUSE, run.random),
    capacity: wholeNumber('capacity', options.capacity, { fallback: Number.MAX_SAFE_INTEGER, min: 1 }),
    maxPending: wholeNumber('maxPending', options.maxPending, { fallback: LIST_MAX_PENDING, min: 1 }),
    blockMs: wholeNumber('blockMs', options.blockMs, {
      fallback: LIST_BLOCK_MS,
      min: 1,
      max: LONGEST_TIMER_MS,
    }),
  };
}
