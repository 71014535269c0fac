import { expect, it } from 'vitest';
import { isPath, pathOf, queryOf } from '../../../src/adapters/path.js';

it.each([
  ['/a?b=c', '/a', 'b=c'],
  ['/a?b=c?d', '/a', 'b=c?d'],
  ['/a?', '/a', ''],
  ['/a', '/a', ''],
  ['?b', '', 'b'],
  ['', '', ''],
])('takes %s apart', (url, path, query) => {
  expect(pathOf(url)).toBe(path);
  expect(queryOf(url)).toBe(query);
});

it.each([
  ['/im', '/im', true],
  ['/im/', '/im', true],
  ['/im//', '/im', false],
  ['/im/x', '/im', false],
  ['/i', '/im', false],
  ['/', '/', true],
  ['//', '/', false],
  ['', '/', false],
])('%s is the path %s: %s', (path, wanted, is) => {
  expect(isPath(path, wanted)).toBe(is);
});
