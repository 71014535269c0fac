/** The rules of the code base: which file may import which. Each rule is also shown a file that breaks it. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as rules from './support/architecture.js';

const sources = rules.readSources(join(import.meta.dirname, '../src'));

/** The real code base with one file more, or with another text in one of its files. */
function withFile(file: string, text: string): rules.Sources {
  return new Map([...sources, [file, text]]);
}

interface Case {
  readonly title: string;
  readonly rule: rules.Rule;
  /** Files that break it, and what is said of them. */
  readonly broken: readonly (readonly [file: string, text: string, complaint: string])[];
}

const cases: readonly Case[] = [
  {
    title: 'imports go one way: entries, adapters, handler, pipeline, options, what is known of the protocol',
    rule: rules.oneWay,
    broken: [
      ['errors.ts', "import { ok } from './options.js';", 'errors.ts (facts) imports options.ts (setup)'],
      [
        'pipeline/x.ts',
        "import type { A } from '../handler.js';",
        'pipeline/x.ts (pipeline) imports handler.ts (handler)',
      ],
      [
        'pipeline/x.ts',
        "import { memoryQueue } from '../queue/memory.js';",
        'pipeline/x.ts (pipeline) imports queue/memory.ts (queue)',
      ],
      [
        'adapters/x.ts',
        "import { respond } from '../pipeline/answer.js';",
        'adapters/x.ts (adapters) imports pipeline/answer.ts (pipeline)',
      ],
      [
        'handler.ts',
        "export const a = import('./adapters/express.js');",
        'handler.ts (handler) imports adapters/express.ts (adapters)',
      ],
      [
        'handler.ts',
        "import {\n  signedQuery,\n} from './testing/index.js';",
        'handler.ts (handler) imports testing/index.ts (entry)',
      ],
      ['platform/x.ts', "import '../errors.js';", 'platform/x.ts (platform) imports errors.ts (facts)'],
    ],
  },
  {
    title: 'no file imports itself through others, types included',
    rule: rules.noCycle,
    broken: [
      [
        'values.ts',
        "import type { A } from './command-info.js';",
        'command-info.ts → values.ts → command-info.ts',
      ],
    ],
  },
  {
    title: 'frameworks, queue clients and ajv are known only to the files that are made for them',
    rule: rules.packagesAtHome,
    broken: [
      ['adapters/koa.ts', "import type { Request } from 'express';", 'adapters/koa.ts imports express'],
      ['commands.ts', "import { Ajv2020 } from 'ajv/dist/2020.js';", 'commands.ts imports ajv/dist/2020.js'],
      ['queue/memory.ts', "const { Queue } = await import('bullmq');", 'queue/memory.ts imports bullmq'],
    ],
  },
  {
    title: 'the modules and globals of Node are known only to the platform and the adapters',
    rule: rules.nodeAtTheEdge,
    broken: [
      ['pipeline/x.ts', "import { createHash } from 'node:crypto';", 'pipeline/x.ts imports node:crypto'],
      ['event.ts', "import type { Readable } from 'stream';", 'event.ts imports stream'],
      ['queue/x.ts', "export const bytes = Buffer.from('');", 'queue/x.ts uses Buffer'],
      ['options.ts', 'export const { env } = [process.env];', 'options.ts uses process'],
    ],
  },
  {
    title: 'the entries without a Node framework load no module of Node and no body parser',
    rule: rules.edgeWithoutNode,
    broken: [
      ['adapters/fetch.ts', "import { Buffer } from 'node:buffer';", 'fetch.ts loads node:buffer'],
      ['handler.ts', "import { x } from './adapters/raw-parser.js';", 'core.ts loads body-parser'],
    ],
  },
  {
    title: 'a queue knows events and errors, and nothing of HTTP',
    rule: rules.queueWithoutHttp,
    broken: [['queue/x.ts', "import type { A } from '../http.js';", 'queue/x.ts imports http.ts']],
  },
  {
    title: 'generated code takes nothing but types from the rest',
    rule: rules.generatedStandsAlone,
    broken: [
      [
        'generated/x.ts',
        "import { compilePlan, type Plan } from '../pipeline/normalize.js';",
        'generated/x.ts imports pipeline/normalize.ts',
      ],
    ],
  },
  {
    title: 'no adapter imports another',
    rule: rules.adaptersApart,
    broken: [
      [
        'adapters/koa.ts',
        "import { qcloudIm } from './express.js';",
        'adapters/koa.ts imports adapters/express.ts',
      ],
    ],
  },
  {
    title: 'only entries re-export, and only entries import entries',
    rule: rules.noBarrel,
    broken: [
      ['queue/index.ts', "export * from './memory.js';", 'queue/index.ts re-exports queue/memory.ts'],
      ['routes.ts', "export { ok } from './answers.js';", 'routes.ts re-exports answers.ts'],
      ['routes.ts', "import { ok } from './core.js';", 'routes.ts imports the entry core.ts'],
    ],
  },
  {
    title: 'a file has fewer than 300 lines, generated ones apart',
    rule: rules.shortFiles,
    broken: [['handler.ts', '\n'.repeat(300), 'handler.ts has 300 lines or more']],
  },
  {
    title: 'every import of ours is a file',
    rule: rules.importsExist,
    broken: [['handler.ts', "import { x } from './nowhere.js';", 'handler.ts imports nowhere.ts']],
  },
];

describe.each(cases)('$title', ({ rule, broken }) => {
  test('the code base keeps to it', () => {
    expect(rule(sources)).toEqual([]);
  });

  test.each(broken)('the rule finds what is wrong with %s: %s', (file, text, complaint) => {
    expect(rule(withFile(file, text))).toContain(complaint);
  });
});

describe('reading imports', () => {
  test('comments are no imports, and a text that holds a comment stays', () => {
    const text = [
      "/** import { a } from './a.js' */",
      "// import('./b.js')",
      "const url = 'http://c'; import('./c.js');",
      "const pattern = /['/*]/; import('./d.js');",
    ].join('\n');
    expect(rules.importsOf('x.ts', text).map(({ to }) => to)).toEqual(['c.ts', 'd.ts']);
  });

  test('a statement takes only types when it says so, whole or name by name', () => {
    const typeOnly = (text: string): boolean | undefined => rules.importsOf('x.ts', text)[0]?.typeOnly;
    expect(typeOnly("import type { A } from './a.js';")).toBe(true);
    expect(typeOnly("import { type A, type B } from './a.js';")).toBe(true);
    expect(typeOnly("import { type A, b } from './a.js';")).toBe(false);
    expect(typeOnly("import './a.js';")).toBe(false);
  });

  test('the whole of src is read', () => {
    expect(sources.size).toBeGreaterThan(40);
    expect(rules.importsOf('handler.ts', sources.get('handler.ts') ?? '').length).toBeGreaterThan(15);
  });
});
