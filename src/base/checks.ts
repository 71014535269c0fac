/** Checks the numbers that queues take as options. */

import { ConfigurationError } from './errors.js';

/** What a number may be, and what it is when it is absent. */
export interface Range {
  readonly fallback: number;
  readonly min: number;
  /** Defaults to `Number.MAX_SAFE_INTEGER`. */
  readonly max?: number;
}

/** @throws ConfigurationError `option_invalid` for a fraction, `NaN`, or a number outside the range. */
export function wholeNumber(name: string, value: number | undefined, range: Range): number {
  const { fallback, min, max = Number.MAX_SAFE_INTEGER } = range;
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new ConfigurationError(
    'option_invalid',
    `${name} must be a whole number from ${min} to ${max}, not ${String(value)}`,
  );
}
