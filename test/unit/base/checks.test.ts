/** The check of numbers in options. */

import { expect, it } from 'vitest';
import { wholeNumber } from '../../../src/base/checks.js';

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
