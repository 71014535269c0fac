import { expect, test } from 'vitest';
import { pageWith } from '../bench/pages.js';

const page = 'a\n<!-- bench x -->\n\nold\n\n<!-- /bench x -->\nb\n<!-- bench y -->\n<!-- /bench y -->\n';

test('figures replace those of their subject and nothing else', () => {
  const once = pageWith(page, 'x', 'new\n');
  expect(once).toBe(page.replace('old', 'new'));
  expect(pageWith(once, 'x', 'new')).toBe(once);
  expect(pageWith(page, 'y', 'z')).toContain('<!-- bench y -->\n\nz\n\n<!-- /bench y -->');
});

test('a page without a place for them is no page of theirs', () => {
  expect(() => pageWith(page, 'z', '')).toThrow(RangeError);
});
