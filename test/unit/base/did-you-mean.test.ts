import { expect, it } from 'vitest';
import { didYouMean, nearest } from '../../../src/base/did-you-mean.js';

const names = ['handlers', 'otherHandlers', 'maxSkewMs', 'token', 'now'];

it.each([
  ['handler', 'handlers'],
  ['HANDLERS', 'handlers'],
  ['maxSkew', 'maxSkewMs'],
  ['tokens', 'token'],
  ['nwo', undefined],
  ['no', 'now'],
  ['max', 'maxSkewMs'],
  ['somethingElse', undefined],
  ['', undefined],
])('%s means %s', (name, meant) => {
  expect(nearest(name, names)).toBe(meant);
  expect(didYouMean(name, names)).toBe(meant === undefined ? '' : `; did you mean ${meant}?`);
});
