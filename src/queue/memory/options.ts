/** The options of the memory queue: what may be written, what it means, and the check of both. */

import { wholeNumber } from '../../base/checks.js';
import { type CallbackError, ConfigurationError } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import { type Backoff, type BackoffOptions, createBackoff } from '../backoff.js';
import type { PoolLimits } from '../pool/worker-pool.js';

/** How many events are worked on at once, how many may wait, and what happens to the others. */
export interface MemoryQueueOptions {
  /** Workers that are always there: handlers that run at the same time. At least 1. Default 16. */
  readonly workers?: number;
  /**
   * Events that may wait before assist workers are started. At most `capacity` + `workers` + `assist.max`
   * events are accepted and not done; retries that wait and events that wait for their turn in a
   * conversation count. Default 10,000.
   */
  readonly capacity?: number;
  /** Workers that come when `capacity` events wait. `false`: none. */
  readonly assist?: false | AssistOptions;
  /**
   * What becomes of an event for which there is no place. `reject`: it is refused with `queue_full` at
   * once. `wait`: it waits for a place as long as `EnqueueOptions` say, and is refused then; the callers
   * that wait are not counted in the bound. Default `reject`.
   */
  readonly overflow?: 'reject' | 'wait';
  /** How often the handler is run for an event that it fails, the first time included. At least 1. Default 1: no retry. */
  readonly attempts?: number;
  /** How long to wait before each retry. */
  readonly backoff?: BackoffOptions;
  /** Random numbers from 0 up to, but not including, 1, for the back-off; must not throw. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds since the Unix epoch, for `stats().oldestAgeMs`. Default `Date.now`. */
  readonly now?: () => number;
  /**
   * Names what an event belongs to, such as `byConversation`. Events of one key run one after the other in
   * the order in which they were accepted, and one that is retried holds up those behind it; other keys go
   * on. `undefined`: the event has no order. When it throws the event is refused with `queue_failed`.
   * Default: no order.
   */
  readonly orderBy?: (event: AnyCallbackEvent) => string | undefined;
  /**
   * Gets each event whose last run failed, to keep it somewhere. May be async; nobody waits for it, and its
   * failure is reported as `store`. Default: such events are reported only.
   */
  readonly onDead?: (event: AnyCallbackEvent, error: CallbackError) => unknown;
}

/** Workers that come under load and go when it is over. */
export interface AssistOptions {
  /** How many there may be at once. 0: none. Default 64. */
  readonly max?: number;
  /** Milliseconds without work after which one ends. Default 1,000. */
  readonly idleMs?: number;
}

const MEMORY_WORKERS = 16;
const MEMORY_CAPACITY = 10_000;
const MEMORY_ASSIST_MAX = 64;
const MEMORY_ASSIST_IDLE_MS = 1_000;

/** The options as they are used. */
export interface ResolvedMemoryOptions {
  readonly limits: PoolLimits;
  readonly waits: boolean;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly now: () => number;
  readonly orderBy: (event: AnyCallbackEvent) => string | undefined;
  readonly onDead: ((event: AnyCallbackEvent, error: CallbackError) => unknown) | undefined;
}

/** @throws ConfigurationError `option_invalid` */
export function resolveMemoryOptions(options: MemoryQueueOptions): ResolvedMemoryOptions {
  const { overflow = 'reject', random = Math.random, now = Date.now, orderBy = noOrder, onDead } = options;
  if (overflow !== 'reject' && overflow !== 'wait') {
    throw new ConfigurationError(
      'option_invalid',
      `overflow must be 'reject' or 'wait', not ${String(overflow)}`,
    );
  }
  for (const [name, value] of Object.entries({ random, now, orderBy, onDead: onDead ?? noOrder })) {
    if (typeof value !== 'function') {
      throw new ConfigurationError('option_invalid', `${name} must be a function, not ${String(value)}`);
    }
  }
  return Object.freeze({
    limits: limitsFrom(options),
    waits: overflow === 'wait',
    attempts: wholeNumber('attempts', options.attempts, { fallback: 1, min: 1 }),
    backoff: createBackoff(options.backoff ?? {}, random),
    now,
    orderBy,
    onDead,
  });
}

function limitsFrom(options: MemoryQueueOptions): PoolLimits {
  const { assist: chosen = {} } = options;
  const assist = chosen === false ? { max: 0 } : chosen;
  if (typeof assist !== 'object' || assist === null) {
    throw new ConfigurationError(
      'option_invalid',
      `assist must be false or { max, idleMs }, not ${String(assist)}`,
    );
  }
  return Object.freeze({
    workers: wholeNumber('workers', options.workers, { fallback: MEMORY_WORKERS, min: 1 }),
    capacity: wholeNumber('capacity', options.capacity, { fallback: MEMORY_CAPACITY, min: 0 }),
    assistMax: wholeNumber('assist.max', assist.max, { fallback: MEMORY_ASSIST_MAX, min: 0 }),
    idleMs: wholeNumber('assist.idleMs', assist.idleMs, {
      fallback: MEMORY_ASSIST_IDLE_MS,
      min: 0,
      max: LONGEST_TIMER_MS,
    }),
  });
}

function noOrder(): undefined {
  return undefined;
}
