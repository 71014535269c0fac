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
    title: 'every folder of src is a room of the table',
    rule: rules.everyFolderIsARoom,
    broken: [
      ['utils/x.ts', '', 'utils/x.ts is in utils, which is no room'],
      ['queue/disk/rows/x.ts', '', 'queue/disk/rows/x.ts is in queue/disk/rows, which is no room'],
    ],
  },
  {
    title: 'imports go down: from a room to those that the table names for it',
    rule: rules.importsGoDown,
    broken: [
      [
        'base/x.ts',
        "import { a } from '../options/options.js';",
        'base/x.ts (base) imports options/options.ts (options)',
      ],
      [
        'pipeline/x.ts',
        "import type { A } from '../receiver/handler.js';",
        'pipeline/x.ts (pipeline) imports receiver/handler.ts (receiver)',
      ],
      [
        'receiver/x.ts',
        "export const a = import('../adapters/express.js');",
        'receiver/x.ts (receiver) imports adapters/express.ts (adapters)',
      ],
      [
        'options/x.ts',
        "export type A = import('../receiver/handler.js').CallbackHandler;",
        'options/x.ts (options) imports receiver/handler.ts (receiver)',
      ],
      [
        'options/x.ts',
        "import {\n  type BackoffOptions,\n} from '../queue/backoff.js';",
        'options/x.ts (options) imports queue/backoff.ts (queue)',
      ],
      [
        'receiver/x.ts',
        "import { ok } from '../core.js';",
        'receiver/x.ts (receiver) imports core.ts (entries)',
      ],
      ['base/x.ts', "import '../protocol/http.js';", 'base/x.ts (base) imports protocol/http.ts (protocol)'],
      [
        'platform/x.ts',
        "import '../base/errors.js';",
        'platform/x.ts (platform) imports base/errors.ts (base)',
      ],
      ['dedupe/x.ts', "import '#platform';", 'dedupe/x.ts (dedupe) imports platform/web.ts (platform)'],
      [
        'generated/x.ts',
        "import type { Plan } from '../protocol/normalize.js';",
        'generated/x.ts (generated) imports protocol/normalize.ts (protocol)',
      ],
    ],
  },
  {
    title: 'a tier knows the contract and the engine, and neither HTTP nor another tier',
    rule: rules.importsGoDown,
    broken: [
      [
        'queue/disk/x.ts',
        "import type { A } from '../bullmq/store.js';",
        'queue/disk/x.ts (queue/disk) imports queue/bullmq/store.ts (queue/bullmq)',
      ],
      [
        'queue/x.ts',
        "import { memoryQueue } from './memory/memory.js';",
        'queue/x.ts (queue) imports queue/memory/memory.ts (queue/memory)',
      ],
      [
        'queue/pool/x.ts',
        "import type { A } from '../queue.js';",
        'queue/pool/x.ts (queue/pool) imports queue/queue.ts (queue)',
      ],
      [
        'queue/x.ts',
        "import type { A } from '../protocol/http.js';",
        'queue/x.ts (queue) imports protocol/http.ts (protocol)',
      ],
      [
        'queue/list/x.ts',
        "import type { A } from '../../options/options.js';",
        'queue/list/x.ts (queue/list) imports options/options.ts (options)',
      ],
    ],
  },
  {
    title: 'no file imports itself through others, types included',
    rule: rules.noCycle,
    broken: [
      [
        'protocol/values.ts',
        "import type { A } from './command-info.js';",
        'protocol/command-info.ts → protocol/values.ts → protocol/command-info.ts',
      ],
    ],
  },
  {
    title: 'frameworks, clients and every other package are known only to the files that are made for them',
    rule: rules.packagesAtHome,
    broken: [
      ['adapters/koa.ts', "import type { Request } from 'express';", 'adapters/koa.ts imports express'],
      ['adapters/koa.ts', "import type { Context } from 'koa';", 'adapters/koa.ts imports koa'],
      [
        'protocol/commands.ts',
        "import { Ajv2020 } from 'ajv/dist/2020.js';",
        'protocol/commands.ts imports ajv/dist/2020.js',
      ],
      ['queue/memory/x.ts', "const { Queue } = await import('bullmq');", 'queue/memory/x.ts imports bullmq'],
      ['queue/x.ts', "import type { Redis } from 'ioredis';", 'queue/x.ts imports ioredis'],
      ['base/x.ts', "import '@scope/left-pad/deep';", 'base/x.ts imports @scope/left-pad/deep'],
    ],
  },
  {
    title: 'the modules and globals of Node are known only to the platform, the adapters and the disk queue',
    rule: rules.nodeAtTheEdge,
    broken: [
      ['pipeline/x.ts', "import { createHash } from 'node:crypto';", 'pipeline/x.ts imports node:crypto'],
      ['protocol/x.ts', "import type { Readable } from 'stream';", 'protocol/x.ts imports stream'],
      ['queue/x.ts', "export const bytes = Buffer.from('');", 'queue/x.ts uses Buffer'],
      [
        'queue/x.ts',
        'export const sizeOf = (bytes: Buffer): number => bytes.length;',
        'queue/x.ts uses Buffer',
      ],
      ['options/x.ts', 'export const { env } = process;', 'options/x.ts uses process'],
      ['options/x.ts', 'export const named = { process };', 'options/x.ts uses process'],
      ['base/x.ts', 'export type Timer = NodeJS.Timeout;', 'base/x.ts uses NodeJS'],
    ],
  },
  {
    title: 'the entries core and fetch load nothing that only Node has',
    rule: rules.edgeWithoutNode,
    broken: [
      ['adapters/fetch.ts', "import { Buffer } from 'node:buffer';", 'fetch.ts loads node:buffer'],
      ['adapters/fetch.ts', "import { type Blob } from 'node:buffer';", 'fetch.ts loads node:buffer'],
      [
        'adapters/fetch.ts',
        'export const { env } = process;',
        'fetch.ts loads adapters/fetch.ts, which uses process',
      ],
      ['receiver/handler.ts', "import { x } from '../adapters/raw-parser.js';", 'core.ts loads body-parser'],
      ['platform/web.ts', "import 'node:crypto';", 'core.ts loads node:crypto'],
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
      [
        'adapters/x.ts',
        "import type { A } from './fastify.js';",
        'adapters/x.ts imports adapters/fastify.ts',
      ],
    ],
  },
  {
    title: 'at the root of src lie the entries that package.json exports, and they only re-export',
    rule: rules.entriesAtTheRoot,
    broken: [
      ['x.ts', "export * from './core.js';", 'x.ts is no entry of package.json'],
      [
        'koa.ts',
        "export { qcloudIm } from './adapters/koa.js';\nexport const x = 1;",
        'koa.ts does more than re-export',
      ],
      ['koa.ts', "import './adapters/koa.js';", 'koa.ts does more than re-export'],
    ],
  },
  {
    title: 'only entries re-export',
    rule: rules.noBarrel,
    broken: [
      ['queue/index.ts', "export * from './queue.js';", 'queue/index.ts re-exports queue/queue.ts'],
      [
        'options/x.ts',
        "export type { Logger } from './logger.js';",
        'options/x.ts re-exports options/logger.ts',
      ],
    ],
  },
  {
    title: 'a file has at most 250 lines, generated ones apart',
    rule: rules.shortFiles,
    broken: [['base/x.ts', '\n'.repeat(251), 'base/x.ts has 251 lines']],
  },
  {
    title: 'every import of ours is a file',
    rule: rules.importsExist,
    broken: [
      [
        'base/x.ts',
        "import { x } from './nowhere.js';",
        'base/x.ts imports base/nowhere.ts, which is missing',
      ],
    ],
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

describe('the table of rooms', () => {
  const rooms = Object.keys(rules.ROOMS);

  test('lists a room above all those that it imports', () => {
    const upward = Object.entries(rules.ROOMS).flatMap(([room, imports]) =>
      imports
        .map((name) => (name.endsWith('.ts') ? name.slice(0, name.lastIndexOf('/')) : name))
        .filter((name) => rooms.indexOf(name) <= rooms.indexOf(room))
        .map((name) => `${room} imports ${name}`),
    );
    expect(upward).toEqual([]);
  });

  test('names no room without files, and no file that is missing', () => {
    const there = new Set(
      [...sources.keys()].flatMap((file) => [file, file.slice(0, file.lastIndexOf('/'))]),
    );
    const named = [...rooms.filter((room) => room !== 'entries'), ...Object.values(rules.ROOMS).flat()];
    expect(named.filter((name) => !there.has(name))).toEqual([]);
  });

  test('a subpath of package.json without its file is found', () => {
    const without = new Map([...sources].filter(([file]) => file !== 'koa.ts'));
    expect(rules.entriesAtTheRoot(without)).toContain('package.json exports koa.ts, which is missing');
  });
});

describe('reading imports', () => {
  const read = (text: string) => rules.importsOf('x.ts', text)[0];

  test('comments and texts are no imports', () => {
    const text = [
      "/** import { a } from './a.js' */",
      "// import('./b.js')",
      "const url = 'http://c'; import('./c.js');",
      "const pattern = /['/*]/; import('./d.js');",
      'const code = "import { e } from \'./e.js\'";',
    ].join('\n');
    expect(rules.importsOf('x.ts', text).map(({ to }) => to)).toEqual(['c.ts', 'd.ts']);
  });

  test('a statement leaves nothing at run time only when the whole of it is one of types', () => {
    expect(read("import type { A } from './a.js';")?.typeOnly).toBe(true);
    expect(read("export type { A } from './a.js';")?.typeOnly).toBe(true);
    expect(read("type A = import('./a.js').A;")?.typeOnly).toBe(true);
    expect(read("import { type A, type B } from './a.js';")?.typeOnly).toBe(false);
    expect(read("import './a.js';")?.typeOnly).toBe(false);
  });

  test('a name of ours that a global of Node has too is not taken for it', () => {
    const text = [
      'export type Run = (process: () => void) => void;',
      'export const options = { process: 1 };',
      'export const ran = (run: { process(): void }): void => run.process();',
    ].join('\n');
    expect(rules.nodeAtTheEdge(withFile('queue/x.ts', text))).toEqual([]);
  });

  test('the whole of src is read', () => {
    expect(sources.size).toBeGreaterThan(80);
    expect(rules.importsOf('core.ts', sources.get('core.ts') ?? '').length).toBeGreaterThan(15);
  });
});
