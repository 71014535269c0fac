import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  CALLBACK_ERROR_CODES,
  CallbackError,
  STATUS_ENCODING_UNKNOWN,
  STATUS_TOO_SLOW,
} from '../../src/base/errors.js';
import * as entry from '../../src/index.js';
import { COMMANDS } from '../../src/protocol/commands.js';
import * as testing from '../../src/testing.js';
import { codeBlocks, sections, tableRows, topLevelFile, withoutProse } from '../support/readme.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readmes = {
  'README.md': topLevelFile('README.md'),
  'README.zh-CN.md': topLevelFile('README.zh-CN.md'),
};
const english = readmes['README.md'];
const chinese = readmes['README.zh-CN.md'];

/** The members of an interface in a source file, each with its comment. */
function membersOf(file: string, name: string): { name: string; comment: string }[] {
  const [, body = ''] =
    new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(topLevelFile(file)) ?? [];
  return [...body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)\??:/g)].map(
    ({ 1: comment = '', 2: member = '' }) => ({ name: member, comment }),
  );
}

const options = membersOf('src/options/options.ts', 'QcloudImOptions');
const queueOptions = membersOf('src/queue/memory/options.ts', 'MemoryQueueOptions');
const [, configurationCodes = ''] =
  /type ConfigurationErrorCode =([^;]*);/.exec(topLevelFile('src/base/errors.ts')) ?? [];
const configurationErrorCodes = [...configurationCodes.matchAll(/'(\w+)'/g)].map(([, code = '']) => code);

/** Type-checks the code of a README in a directory of its own; gives what the compiler says. */
async function typeCheck(markdown: string, atLeast: number): Promise<string> {
  // A name that begins with a dot, so that nobody else's globs see it.
  const directory = mkdtempSync(join(root, 'test/.readme-'));
  try {
    const files = codeBlocks(markdown)
      .filter(({ language }) => language === 'ts' || language === 'js')
      .map(({ language, code, declarations, line }) => {
        const extension = language === 'ts' ? 'mts' : 'cjs';
        const file = `line-${line}.${extension}`;
        const isModule = /^import /m.test(code);
        writeFileSync(
          join(directory, file),
          `${code}${declarations}\n${language === 'ts' && !isModule ? 'export {};\n' : ''}`,
        );
        return file;
      });
    expect(files.length).toBeGreaterThanOrEqual(atLeast);
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        allowJs: true,
        checkJs: true,
        // What this house asks of itself and not of readers.
        noUnusedLocals: false,
        noPropertyAccessFromIndexSignature: false,
        paths: {
          'qcloud-im-callback': ['../../src/index.ts'],
          'qcloud-im-callback/testing': ['../../src/testing.ts'],
          'qcloud-im-callback/*': ['../../src/*.ts'],
        },
      },
      files,
      include: [],
    };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const tsc = promisify(execFile)(process.execPath, ['node_modules/.bin/tsc', '-p', directory], {
      cwd: root,
    });
    return await tsc.then(
      ({ stdout }) => stdout,
      (failure: { stdout: string }) => failure.stdout,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

it.each(['docs/observing.md', 'docs/zh-CN/observing.md'])('%s holds code that compiles.', async (name) => {
  expect(await typeCheck(topLevelFile(name), 1)).toBe('');
});

describe.each(Object.entries(readmes))('%s', (_name, markdown) => {
  it('holds code that compiles.', async () => {
    expect(await typeCheck(markdown, 11)).toBe('');
  });

  it('has a row for every option, with the default numbers of the source.', () => {
    expect(options).toHaveLength(23);
    const rows = tableRows(markdown);
    for (const { name, comment } of [...options, ...queueOptions]) {
      expect(rows.has(name), name).toBe(true);
      const [, numbers = ''] = /Defaults? (?:to )?(?:\w+: )?([\d,]+\d|\d)/.exec(comment) ?? [];
      expect(rows.get(name), name).toContain(numbers);
    }
  });

  it('has a section for every code, with its statuses and numbers.', () => {
    const all = sections(markdown);
    for (const code of CALLBACK_ERROR_CODES) {
      const text = all.find(({ level, title }) => level === 4 && title === `\`${code}\``)?.text ?? '';
      const errors = [new CallbackError(code)];
      if (code === 'body_unreadable') {
        errors.push(new CallbackError(code, { status: STATUS_TOO_SLOW }));
        errors.push(new CallbackError(code, { status: STATUS_ENCODING_UNKNOWN }));
      }
      for (const { status, errorCode } of errors) {
        expect(text, code).toMatch(new RegExp(`\\b${status}\\b.*\\b${errorCode}\\b`));
      }
    }
  });

  it('has a section for every mistake in the options.', () => {
    expect(configurationErrorCodes.length).toBeGreaterThan(5);
    const titles = sections(markdown).map(({ title }) => title);
    for (const code of configurationErrorCodes) expect(titles).toContain(`\`${code}\``);
  });

  it('names everything that the package exports.', () => {
    for (const name of [...Object.keys(entry), ...Object.keys(testing)]) {
      expect(new RegExp(`\\b${name}\\b`).test(markdown), name).toBe(true);
    }
  });

  it('has a row for every command.', () => {
    for (const { name } of COMMANDS) expect(markdown).toContain(`| \`${name}\` |`);
  });

  it('links to sections and files that are there.', () => {
    const anchors = new Set(sections(markdown).map(({ anchor }) => anchor));
    const links = [...markdown.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target = '']) => target);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links) {
      if (link.startsWith('#')) expect([...anchors]).toContain(decodeURIComponent(link.slice(1)));
      else expect(existsSync(join(root, link)), link).toBe(true);
    }
  });
});

describe('The two READMEs', () => {
  it('link to each other.', () => {
    expect(english).toContain('](README.zh-CN.md)');
    expect(chinese).toContain('](README.md)');
  });

  it('hold the same code but for comments and texts.', () => {
    const code = (markdown: string) =>
      codeBlocks(markdown).map((block) => ({
        language: block.language,
        declarations: block.declarations,
        code: block.language === 'json' ? '' : withoutProse(block.code),
      }));
    expect(code(chinese)).toEqual(code(english));
  });

  it('have the same tables and the same outline.', () => {
    expect([...tableRows(chinese).keys()]).toEqual([...tableRows(english).keys()]);
    const outline = (markdown: string) =>
      sections(markdown).map(({ level, title }) => [level, /^`\w+`$/.test(title) ? title : '']);
    expect(outline(chinese)).toEqual(outline(english));
  });
});
