/** Takes the READMEs apart for tests. */

import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A fenced block of code. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** TypeScript that readers do not see: the `<!-- declare … -->` above the block. */
  readonly declarations: string;
  /** Line of the fence. */
  readonly line: number;
}

/** The text of a file at the top level of this package. */
export function topLevelFile(name: string): string {
  return readFileSync(new URL(name, root), 'utf8');
}

/** All fenced blocks, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks = markdown.matchAll(/(?:^<!-- (declare [^\n]*) -->\n)?^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(({ 1: declarations = '', 2: language = '', 3: code = '', index }) => ({
    language,
    code,
    declarations,
    line: markdown.slice(0, index).split('\n').length,
  }));
}

/** The block below a `<!-- name -->` mark. */
export function markedBlock(markdown: string, mark: string): CodeBlock {
  const [block] = codeBlocks(markdown.split(`<!-- ${mark} -->\n`)[1] ?? '');
  if (block === undefined) throw new Error(`nothing is marked with ${mark}`);
  return block;
}

/** Code without its prose: comments and text that is written for readers differ between languages. */
export function withoutProse(code: string): string {
  return code
    .replaceAll(/(['"`])((?:\\.|(?!\1).)*)\1|\/\/[^\n]*/g, (part, quote: string | undefined, text: string) =>
      quote === undefined ? '' : /^[\w./:@#-]*$/.test(text) ? part : `${quote}…${quote}`,
    )
    .replaceAll(/[ \t]+$/gm, '');
}

/** A heading with the anchor that GitHub gives it, and the text up to the next heading. */
export interface Section {
  readonly level: number;
  readonly title: string;
  readonly anchor: string;
  readonly text: string;
}

/** The sections, in order. Anchors are made as GitHub makes them. */
export function sections(markdown: string): Section[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^(#{1,6}) (.+)\n([\s\S]*?)(?=^#{1,6} |(?![\s\S]))/gm)].map(
    ({ 1: marks = '', 2: title = '', 3: text = '' }) => {
      const slug = title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return { level: marks.length, title, anchor: times === 0 ? slug : `${slug}-${times}`, text };
    },
  );
}

/** Rows of all tables whose first cell is one name in code: the name, and the whole row. */
export function tableRows(markdown: string): Map<string, string> {
  return new Map(
    [...markdown.matchAll(/^\| `(\w+)` \|.*$/gm)].map(({ 0: row, 1: name = '' }) => [name, row]),
  );
}
