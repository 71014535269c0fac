/** The options of the memory queue. */

import { checkNames, type OptionNames, wholeNumber } from '../../base/checks.js';
import { ConfigurationError } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import type { PoolLimits } from '../pool/worker-pool.js';
import {
  type ResolvedRunOptions,
  RUN_OPTION_NAMES,
  type RunOptions,
  resolveRunOptions,
} from '../run-options.js';

/** How events are run, how many may wait, and how many workers come when more do. */
export interface MemoryQueueOptions extends RunOptions {
  /**
   * Events that may wait before assist workers are started. At most `capacity` + `workers` + `assist.max` events
   * are accepted and not done; those that wait for a retry, or behind another event of their key, count. At least 0.
   * Defaults to 10,000.
   */
  readonly capacity?: number | undefined;
  /** Workers that come when `capacity` events wait. `false`: none. Defaults to those that `AssistOptions` describe. */
  readonly assist?: false | AssistOptions | undefined;
}

/** Workers that come under load and go when it is over. */
export interface AssistOptions {
  /** How many there may be at the same time. 0: none. Defaults to 64. */
  readonly max?: number | undefined;
  /** Milliseconds without work after which one ends. Defaults to 1,000. */
  readonly idleMs?: number | undefined;
}

const OPTION_NAMES = {
  ...RUN_OPTION_NAMES,
  capacity: true,
  assist: true,
} as const satisfies OptionNames<MemoryQueueOptions>;
const ASSIST_NAMES = { max: true, idleMs: true } as const satisfies OptionNames<AssistOptions>;

const MEMORY_CAPACITY = 10_000;
const MEMORY_ASSIST_MAX = 64;
const MEMORY_ASSIST_IDLE_MS = 1_000;

/** The options as they are used. */
export interface ResolvedMemoryOptions {
  readonly run: ResolvedRunOptions;
  readonly limits: Omit<PoolLimits, 'workers'>;
}

/** @throws ConfigurationError `option_invalid` or `option_unknown` */
export function resolveMemoryOptions(options: MemoryQueueOptions): ResolvedMemoryOptions {
  checkNames('memoryQueue', options, OPTION_NAMES);
  const { assist: chosen = {} } = options;
  const assist = chosen === false ? { max: 0 } : chosen;
  if (typeof assist !== 'object' || assist === null) {
    throw new ConfigurationError(
      'option_invalid',
      `assist must be false or { max, idleMs }, not ${String(assist)}`,
    );
  }
  checkNames('assist', assist, ASSIST_NAMES);
  return {
    run: resolveRunOptions(options),
    limits: {
      capacity: wholeNumber('capacity', options.capacity, { fallback: MEMORY_CAPACITY, min: 0 }),
      assistMax: wholeNumber('assist.max', assist.max, { fallback: MEMORY_ASSIST_MAX, min: 0 }),
      idleMs: wholeNumber('assist.idleMs', assist.idleMs, {
        fallback: MEMORY_ASSIST_IDLE_MS,
        min: 0,
        max: LONGEST_TIMER_MS,
      }),
    },
  };
}
