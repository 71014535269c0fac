/** Writes what was measured into the pages of the documents that tell of it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGES = ['docs/speed.md', 'docs/zh-CN/speed.md'];

/** A page with the text between the two marks of a subject in the place of what was there. */
export function pageWith(page: string, subject: string, text: string): string {
  const [begin, end] = [`<!-- bench ${subject} -->`, `<!-- /bench ${subject} -->`];
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start < 0 || stop < start) throw new RangeError(`a page has no place for ${subject}`);
  return `${page.slice(0, start + begin.length)}\n\n${text.trim()}\n\n${page.slice(stop)}`;
}

/** Puts figures into every page. */
export function writePages(subject: string, text: string): void {
  for (const name of PAGES) {
    const file = fileURLToPath(new URL(`../../${name}`, import.meta.url));
    writeFileSync(file, pageWith(readFileSync(file, 'utf8'), subject, text));
  }
}
