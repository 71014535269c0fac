/** Checks that every options object of ours goes through: its names, its numbers. */

import { didYouMean } from './did-you-mean.js';
import { ConfigurationError } from './errors.js';

/** The names of an options type; `satisfies OptionNames<T>` keeps such a list complete. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses names that mean nothing: a misspelt option would silently keep its default.
 * @param what whose options they are, as users call it.
 * @throws ConfigurationError `option_unknown`; `option_invalid` when it is no object.
 */
export function checkNames(what: string, options: unknown, known: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError('option_invalid', `${what} takes its options as an object`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    throw new ConfigurationError(
      'option_unknown',
      `${what} has no option ${name}${didYouMean(name, Object.keys(known))}`,
    );
  }
}

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
