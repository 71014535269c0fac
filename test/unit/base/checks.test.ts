/** The check of numbers in options. */

import { expect, it } from 'vitest';
import { checkNames, wholeNumber } from '../../../src/base/checks.js';

const range = { fallback: 5, min: 2, max: 9 };

it.each([
  [undefined, 5],
  [2, 2],
  [9, 9],
])('takes %s as %s', (value, taken) => {
  expect(wholeNumber('size', value, range)).toBe(taken);
});

it.each([1, 10, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s and says what to write', (value) => {
  expect(() => wholeNumber('size', value, range)).toThrow(
    expect.objectContaining({
      code: 'option_invalid',
      message: `option_invalid: size must be a whole number from 2 to 9, not ${value}`,
    }),
  );
});

it('has no limit but exactness when none is given', () => {
  expect(wholeNumber('size', Number.MAX_SAFE_INTEGER, { fallback: 0, min: 0 })).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => wholeNumber('size', 2 ** 53, { fallback: 0, min: 0 })).toThrow('option_invalid');
});

it('refuses a name that is no option, and asks for the one that was meant', () => {
  const known = { attempts: true, workers: true } as const;
  checkNames('memoryQueue', { attempts: 5, workers: undefined }, known);
  checkNames('memoryQueue', {}, known);
  expect(() => checkNames('memoryQueue', { attempt: 5 }, known)).toThrow(
    'option_unknown: memoryQueue has no option attempt; did you mean attempts?',
  );
  expect(() => checkNames('memoryQueue', { constructor: 5 }, known)).toThrow(
    'option_unknown: memoryQueue has no option constructor',
  );
  for (const options of [null, 'text', []])
    expect(() => checkNames('memoryQueue', options, known)).toThrow(
      'option_invalid: memoryQueue takes its options as an object',
    );
});
