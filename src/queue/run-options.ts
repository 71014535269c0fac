/** How queued events are run, whatever keeps them: what may be written, what it means, and the check of both. */

import { wholeNumber } from '../base/checks.js';
import { type CallbackError, ConfigurationError } from '../base/errors.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { type Backoff, type BackoffOptions, createBackoff } from './backoff.js';

/** How many handlers run at once, in which order, how often, and what happens when the last run failed. */
export interface RunOptions {
  /** Handlers that run at the same time in this process. At least 1. Defaults to 16. */
  readonly workers?: number | undefined;
  /**
   * How often the handler is run for an event that it fails, the first time included. Runs that a crash cut short
   * do not count. At least 1. Defaults to 1: no retry.
   */
  readonly attempts?: number | undefined;
  /** How long to wait before each retry. Defaults to what `BackoffOptions` say. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * Names what an event belongs to, such as `byConversation`. Events of one key run one after the other in
   * the order in which they were accepted, and one that is retried holds up those behind it; other keys go
   * on. `undefined`: the event has no order. When it throws the event is refused with `queue_failed`.
   * Defaults to no order; events begin in the order of acceptance.
   */
  readonly orderBy?: ((event: AnyCallbackEvent) => string | undefined) | undefined;
  /**
   * Gets each event whose last run failed. May be async; nobody waits for it, and its failure is reported as
   * `store`. Defaults to nobody: such events are reported, and kept where the tier keeps them.
   */
  readonly onDead?: ((event: AnyCallbackEvent, error: CallbackError) => unknown) | undefined;
  /** Random numbers from 0 up to, but not including, 1, for the back-off; must not throw. Defaults to `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since the Unix epoch, for ages and times. Defaults to `Date.now`. */
  readonly now?: (() => number) | undefined;
}

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
