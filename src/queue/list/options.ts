/** The options of the list queue: what may be written, what it means, and the check of both. */

import { wholeNumber } from '../../base/checks.js';
import { ConfigurationError } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import { type Backoff, type BackoffOptions, createBackoff } from '../backoff.js';
import { isReliableCache, type ListCache } from './cache.js';

/** Which list, how it is worked on, and what happens to what fails. */
export interface ListQueueOptions {
  /**
   * Key of the list, without a default: processes that give the same one share its events, and what a process
   * leaves is there for the next one. Other keys begin with it (`:invalid`, `:dead`, `:delayed`, `:consumers`,
   * `:alive:…`, `:processing:…`); with a Redis that spreads keys over servers give it a hash tag: `{im}`.
   */
  readonly key: string;
  /**
   * `reliable`: at least once. What a process works on is kept until it is done, and returned to the list when
   * the process is gone. `plain`: at most once, by the three verbs alone; what a process has taken is lost when
   * it crashes. Default: `reliable` where the cache can.
   */
  readonly mode?: 'reliable' | 'plain';
  /** Handlers that run at the same time in this process. At least 1. Default 16. */
  readonly workers?: number;
  /**
   * How often the handler is run for an event that it fails, the first time included. At least 1. Then the
   * event goes to `<key>:dead`. Default 1: no retry.
   */
  readonly attempts?: number;
  /** How long to wait before each retry. A waiting retry takes no worker. */
  readonly backoff?: BackoffOptions;
  /** Random numbers from 0 up to, but not including, 1, for pauses; must not throw. Default `Math.random`. */
  readonly random?: () => number;
  /**
   * Length of the list from which on events are refused with `queue_full`. Requests at the same moment do not
   * see one another and may go beyond it. Default: no bound but the store's own.
   */
  readonly capacity?: number;
  /** Pushes that may be under way at once; an event beyond is refused with `queue_full`. At least 1. Default 10,000. */
  readonly maxPending?: number;
  /**
   * Milliseconds that one wait for an event takes in the store, from 1; `close` may have to wait for its end.
   * Default 1,000.
   */
  readonly blockMs?: number;
  /**
   * Reliable mode: milliseconds without a heartbeat after which a process is taken for dead and its events are
   * returned to the list; a process that was only asleep then shares them, and they run twice. At least three
   * times `blockMs`. Default 15,000.
   */
  readonly aliveMs?: number;
  /**
   * Reliable mode: how often an event may be returned because its process was gone, before it goes to
   * `<key>:dead` as the likely reason. From 0. Default 5.
   */
  readonly maxReturns?: number;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

export const LIST_WORKERS = 16;
export const LIST_MAX_PENDING = 10_000;
export const LIST_BLOCK_MS = 1_000;
export const LIST_ALIVE_MS = 15_000;
export const LIST_MAX_RETURNS = 5;

/** Waits of one blocked command must have ended before its process can be taken for dead. */
const BLOCKS_PER_LIFE = 3;

/** Pauses while the store fails: never at once again, and soon there when it is back. */
const PAUSE: BackoffOptions = { initialMs: 100, maxMs: 2_000, jitter: 'equal' };

/** The options as they are used. */
export interface ResolvedListOptions {
  readonly key: string;
  readonly reliable: boolean;
  readonly workers: number;
  readonly attempts: number;
  readonly backoff: Backoff;
  /** How long to wait after so many failures of the store in a row. */
  readonly pause: Backoff;
  readonly capacity: number;
  readonly maxPending: number;
  readonly blockMs: number;
  readonly aliveMs: number;
  readonly maxReturns: number;
  readonly now: () => number;
}

/** @throws ConfigurationError `option_invalid` */
export function resolveListOptions(cache: ListCache, options: ListQueueOptions): ResolvedListOptions {
  const { key, random = Math.random, now = Date.now } = options;
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
  for (const [name, value] of Object.entries({ random, now })) {
    if (typeof value !== 'function') {
      throw new ConfigurationError('option_invalid', `${name} must be a function, not ${String(value)}`);
    }
  }
  const blockMs = wholeNumber('blockMs', options.blockMs, {
    fallback: LIST_BLOCK_MS,
    min: 1,
    max: Math.floor(LONGEST_TIMER_MS / BLOCKS_PER_LIFE),
  });
  return Object.freeze({
    key,
    reliable: isReliable(cache, options.mode),
    workers: wholeNumber('workers', options.workers, { fallback: LIST_WORKERS, min: 1 }),
    attempts: wholeNumber('attempts', options.attempts, { fallback: 1, min: 1 }),
    backoff: createBackoff(options.backoff ?? {}, random),
    pause: createBackoff(PAUSE, random),
    capacity: wholeNumber('capacity', options.capacity, { fallback: Number.MAX_SAFE_INTEGER, min: 1 }),
    maxPending: wholeNumber('maxPending', options.maxPending, { fallback: LIST_MAX_PENDING, min: 1 }),
    blockMs,
    aliveMs: wholeNumber('aliveMs', options.aliveMs, {
      fallback: Math.max(LIST_ALIVE_MS, BLOCKS_PER_LIFE * blockMs),
      min: BLOCKS_PER_LIFE * blockMs,
      max: LONGEST_TIMER_MS,
    }),
    maxReturns: wholeNumber('maxReturns', options.maxReturns, { fallback: LIST_MAX_RETURNS, min: 0 }),
    now,
  });
}

function isReliable(cache: ListCache, mode: unknown): boolean {
  const able = isReliableCache(cache);
  if (mode === undefined) return able;
  if (mode !== 'reliable' && mode !== 'plain') {
    throw new ConfigurationError('option_invalid', `mode must be 'reliable' or 'plain', not ${String(mode)}`);
  }
  if (mode === 'reliable' && !able) {
    throw new ConfigurationError('option_invalid', "mode 'reliable' needs a cache with blmove and run");
  }
  return mode === 'reliable';
}
