/** How long to wait before a failed run is repeated: exponential, with jitter. Holds no clock and no timer. */

import { checkNames, type OptionNames, wholeNumber } from '../base/checks.js';
import { ConfigurationError } from '../base/errors.js';
import { LONGEST_TIMER_MS } from '../base/timers.js';

/** How waits grow. After the n-th failure the ceiling is `initialMs` × `factor`^(n − 1), at most `maxMs`. */
export interface BackoffOptions {
  /** Ceiling of the first wait, in milliseconds, at least 1. Defaults to 1,000. */
  readonly initialMs?: number;
  /** Ceiling of every wait, in milliseconds, not below `initialMs`. Defaults to 30,000, or `initialMs` if that is more. */
  readonly maxMs?: number;
  /** How many times the ceiling grows with each failure, at least 1. Defaults to 2. */
  readonly factor?: number;
  /**
   * `full`: anywhere from 0 to the ceiling, which spreads a burst best. `equal`: anywhere from half of the
   * ceiling to the ceiling, for what must not be asked again at once. Defaults to `full`.
   */
  readonly jitter?: 'full' | 'equal';
}

const OPTION_NAMES = {
  initialMs: true,
  maxMs: true,
  factor: true,
  jitter: true,
} as const satisfies OptionNames<BackoffOptions>;

const BACKOFF_INITIAL_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
const BACKOFF_FACTOR = 2;

/** Milliseconds to wait, a whole number, after so many failures of one event (1 for the first). */
export type Backoff = (failures: number) => number;

/**
 * @param random a number from 0 up to, but not including, 1; as `Math.random`.
 * @throws ConfigurationError `option_invalid` or `option_unknown`
 */
export function createBackoff(options: BackoffOptions, random: () => number): Backoff {
  checkNames('backoff', options, OPTION_NAMES);
  const { factor = BACKOFF_FACTOR, jitter = 'full' } = options;
  const initialMs = wholeNumber('backoff.initialMs', options.initialMs, {
    fallback: BACKOFF_INITIAL_MS,
    min: 1,
    max: LONGEST_TIMER_MS,
  });
  const maxMs = wholeNumber('backoff.maxMs', options.maxMs, {
    fallback: Math.max(BACKOFF_MAX_MS, initialMs),
    min: initialMs,
    max: LONGEST_TIMER_MS,
  });
  if (!(Number.isFinite(factor) && factor >= 1)) {
    throw new ConfigurationError(
      'option_invalid',
      `backoff.factor must be a number from 1 up, not ${String(factor)}`,
    );
  }
  if (jitter !== 'full' && jitter !== 'equal') {
    throw new ConfigurationError(
      'option_invalid',
      `backoff.jitter must be 'full' or 'equal', not ${String(jitter)}`,
    );
  }
  const fixedShare = jitter === 'full' ? 0 : 0.5;
  return (failures) => {
    const ceiling = Math.min(maxMs, initialMs * factor ** (failures - 1));
    return Math.round(ceiling * (fixedShare + (1 - fixedShare) * random()));
  };
}
