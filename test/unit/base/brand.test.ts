import { expect, it } from 'vitest';
import { hasBrand } from '../../../src/base/brand.js';

const BRAND = Symbol.for('qcloud-im-callback.test');

it('finds a brand on an object of any copy, own or inherited', () => {
  const own = { [Symbol.for('qcloud-im-callback.test')]: true };
  expect(hasBrand(own, BRAND)).toBe(true);
  expect(hasBrand(Object.create(own), BRAND)).toBe(true);
});

it.each([null, undefined, 'text', 7, {}, []])('does not find one on %j', (value) => {
  expect(hasBrand(value, BRAND)).toBe(false);
});
