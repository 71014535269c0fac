import { expect, it } from 'vitest';
import { isThenable } from '../../../src/base/thenable.js';

it('knows a promise of any library by its method then', () => {
  expect(isThenable(Promise.resolve())).toBe(true);
  // biome-ignore lint/suspicious/noThenProperty: what is no promise of this realm
  expect(isThenable({ then: () => undefined })).toBe(true);
});

// biome-ignore lint/suspicious/noThenProperty: what only looks like a promise
it.each([undefined, null, 'text', {}, [], { then: 7 }])('does not wait for %j', (value) => {
  expect(isThenable(value)).toBe(false);
});
