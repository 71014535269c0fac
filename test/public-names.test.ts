/** What users have to learn: the names of all entries, which are counted here. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { entries } from '../scripts/entries.js';
import { handWrittenNames } from './support/public-names.js';

const MAX_NAMES = 120;

const byEntry = handWrittenNames();

/** The names by entry, each where it is first. */
function listing(): string {
  const seen = new Set<string>();
  const lines = [...byEntry].map(([specifier, names]) => {
    const fresh = names.filter((name) => !seen.has(name));
    for (const name of fresh) seen.add(name);
    return `${specifier}, ${fresh.length}: ${fresh.join(', ')}`;
  });
  return `${seen.size} public names\n${lines.join('\n')}`;
}

test(`the entries have at most ${MAX_NAMES} hand-written names, of values and types together`, () => {
  expect(new Set([...byEntry.values()].flat()).size, listing()).toBeLessThanOrEqual(MAX_NAMES);
});

test('values, types, and what comes through another entry are counted, generated names are not', () => {
  expect(byEntry.get('qcloud-im-callback')).toEqual(
    expect.arrayContaining(['CallbackHandler', 'Handlers', 'createServer', 'qcloudIm']),
  );
  expect([...byEntry.values()].flat()).not.toContain('CallbackBodies');
});

test.each(['README.md', 'README.zh-CN.md'])('%s names every entry', (file) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const missing = entries.map(({ specifier }) => specifier).filter((name) => !text.includes(`'${name}'`));
  expect(missing).toEqual([]);
});
