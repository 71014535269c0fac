import { expect, it } from 'vitest';
import { isRecord } from '../../../src/base/record.js';

it.each([{}, { a: 1 }, Object.create(null)])('takes %j for a record', (value) => {
  expect(isRecord(value)).toBe(true);
});

it.each([null, undefined, [], 'text', 7, true])('does not take %j for one', (value) => {
  expect(isRecord(value)).toBe(false);
});
