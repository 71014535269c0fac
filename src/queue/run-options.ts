/** The options that all queues share: how events are run, whatever keeps them. */

import { type OptionNames, wholeNumber } from '../base/checks.js';
import { type CallbackError, ConfigurationError } from '../base/errors.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { type Backoff, type BackoffOptions, createBackoff } from './backoff.js';

/** How many handlers run at once, in which order, how often, and what happens when the last run failed. */
export interface RunOptions {
  /** Handlers that run at the same time in this process. At least 1. Defaults to 16. */
  readonly workers?: number | undefined;
  /**
   * Runs of the handler for one event, at most: when one fails another follows, until there were so many. Runs that a
   * crash cut short do not count. At least 1. Defaults to 1: no retry.
   */
  readonly attempts?: number | undefined;
  /** Pauses before retries. Defaults to those that `BackoffOptions` describe. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * Gives the key of an event, as `byConversation` does. Events of one key run one after the other in the order in
   * which they were accepted, and one that is retried holds up those behind it; other keys go on. `undefined`: the
   * event waits for no other. When this throws, the event is refused with `queue_failed`. Defaults to no keys: events
   * begin in the order in which they were accepted.
   */
  readonly orderBy?: ((event: AnyCallbackEvent) => string | undefined) | undefined;
  /**
   * Gets each event whose last run failed. May be async; nobody waits for it, and when it fails that is reported as
   * `store`. Defaults to none: such events are reported, and some queues keep them.
   */
  readonly onDead?: ((event: AnyCallbackEvent, error: CallbackError) => unknown) | undefined;
  /** Gives numbers from 0 up to, but not including, 1, for `backoff`; must not throw. Defaults to `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Gives the time in milliseconds since the Unix epoch; must not throw. Defaults to `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** For `checkNames` of the tiers. */
export const RUN_OPTION_NAMES = {
  workers: true,
  attempts: true,
  backoff: true,
  orderBy: true,
  onDead: true,
  random: true,
  now: true,
} as const satisfies OptionNames<RunOptions>;

export const WORKERS = 16;

/** The options as they are used. */
export interface ResolvedRunOptions {
  readonly workers: number;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly orderBy: (event: AnyCallbackEvent) => string | undefined;
  readonly onDead: RunOptions['onDead'];
  readonly random: () => number;
  readonly now: () => number;
}

/** @throws ConfigurationError `option_invalid` */
export function resolveRunOptions(options: RunOptions): ResolvedRunOptions {
  const { random = Math.random, now = Date.now, orderBy = noOrder, onDead } = options;
  checkFunctions({ random, now, orderBy, onDead });
  return {
    workers: wholeNumber('workers', options.workers, { fallback: WORKERS, min: 1 }),
    attempts: wholeNumber('attempts', options.attempts, { fallback: 1, min: 1 }),
    backoff: createBackoff(options.backoff ?? {}, random),
    orderBy,
    onDead,
    random,
    now,
  };
}

/**
 * Each of them is a function or absent.
 * @throws ConfigurationError `option_invalid`
 */
export function checkFunctions(functions: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(functions)) {
    if (value !== undefined && typeof value !== 'function') {
      throw new ConfigurationError('option_invalid', `${name} must be a function, not ${String(value)}`);
    }
  }
}

function noOrder(): undefined {
  return undefined;
}
