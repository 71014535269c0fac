/** The package as it is published: packed, installed and used from every kind of module. */

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entries } from '../../scripts/entries.js';
import { compile, install, makeFolder, pack, runScript, type Tarball, versionOf } from './installed.js';
import * as scripts from './scripts.js';

const kinds: readonly scripts.ModuleKind[] = ['esm', 'cjs'];
/** No `eval` and no `new Function`, as edge runtimes and strict policies have it. */
const NO_CODE = ['--disallow-code-generation-from-strings'];
/** Wanted are 60 ms on a quiet machine; this is for one that is more than ten times slower. */
const MAX_IMPORT_MS = 1_000;
const STARTS = 9;
/** Entries that load Express, BullMQ or OpenTelemetry's API. */
const NEED_A_PEER = ['qcloud-im-callback', 'qcloud-im-callback/bullmq', 'qcloud-im-callback/opentelemetry'];

const folder = makeFolder();
let tarball: Tarball;
/** Where Express 5, Express 4 and no framework at all stand beside the package. */
let express5: string;
let express4: string;
let bare: string;

beforeAll(async () => {
  tarball = await pack(folder.path);
  const types = [versionOf('@types/express'), versionOf('@types/node')];
  express5 = await install(folder.path, 'express5', [tarball.path, 'express@5', ...types]);
  express4 = await install(folder.path, 'express4', [tarball.path, 'express@^4.18.0']);
  bare = await install(folder.path, 'bare', [tarball.path]);
});

afterAll(() => folder.remove());

describe('the tarball', () => {
  test('holds the two builds, the schemas and what people read, and nothing else', () => {
    const odd = tarball.files.filter(
      (file) =>
        !/^dist\/(?:esm|cjs)\/.+\.(?:js|d\.ts)$|^dist\/(?:esm|cjs)\/package\.json$/.test(file) &&
        !/^(?:docs|schemas)\/(?:.+\/)?[\w.-]+\.(?:json|md)$/.test(file) &&
        !/^examples\/.+\.(?:m?js|json|yml)$/.test(file) &&
        !/^(?:package\.json|LICENSE|CHANGELOG\.md|README(?:\.zh-CN)?\.md)$/.test(file),
    );
    expect(odd).toEqual([]);
    expect(tarball.files.filter((file) => /test-d|\.test\./.test(file))).toEqual([]);
  });

  test('holds the license, the changes and a schema for each command', () => {
    expect(tarball.files).toEqual(expect.arrayContaining(['LICENSE', 'CHANGELOG.md']));
    expect(tarball.files.filter((file) => file.startsWith('schemas/commands/'))).toHaveLength(89);
  });
});

test('nothing is published before package.json says where the project lives', async () => {
  const root = join(import.meta.dirname, '../..');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const missing = ['repository', 'bugs', 'homepage'].filter((name) => !(name in manifest));
  const run = promisify(execFile)(join(root, 'node_modules/.bin/tsx'), ['scripts/publishable.ts'], {
    cwd: root,
  });
  const outcome = await run.then(
    () => ({ code: 0, stderr: '' }),
    (thrown: { code: number; stderr: string }) => thrown,
  );
  expect(outcome.code).toBe(missing.length === 0 ? 0 : 1);
  for (const name of missing) expect(outcome.stderr).toContain(name);
  expect(manifest.scripts.prepublishOnly).toContain('scripts/publishable.ts');
});

describe.each(kinds)('from %s modules', (kind) => {
  const file = (name: string): string => scripts.fileOf(name, kind);
  const expected = [
    { status: 200, ActionStatus: 'OK', ErrorCode: 120_001, ErrorInfo: 'no spam' },
    { status: 401, ActionStatus: 'FAIL' },
  ];

  test('a receiver on Express 5 answers a signed callback and refuses a stranger', async () => {
    const answers = await runScript(express5, file('receiver'), scripts.receiverScript(kind), NO_CODE);
    expect(answers).toMatchObject(expected);
  });

  test('the same receiver runs on Express 4', async () => {
    const answers = await runScript(express4, file('receiver'), scripts.receiverScript(kind));
    expect(answers).toMatchObject(expected);
  });

  test('every documented command is checked where code may not be made from text', async () => {
    const count = await runScript(bare, file('commands'), scripts.everyCommandScript(kind), NO_CODE);
    expect(count).toBe(89);
  });

  test('only the entries made for an optional peer need one to load', async () => {
    expect(existsSync(join(bare, 'node_modules/express'))).toBe(false);
    const names = entries.map(({ specifier }) => specifier);
    const missing = kind === 'esm' ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
    expect(await runScript(bare, file('entries'), scripts.entriesScript(kind, names))).toEqual(
      Object.fromEntries(names.map((name) => [name, NEED_A_PEER.includes(name) ? missing : 'loaded'])),
    );
  });

  test('the main entry loads fast once Express is there', async () => {
    const times: number[] = [];
    for (let start = 0; start < STARTS; start++) {
      times.push(Number(await runScript(express5, file('time'), scripts.importTimeScript(kind))));
    }
    const median = times.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? Number.NaN;
    console.log(`import beyond Express, ${kind}: median ${median.toFixed(1)} ms, of ${STARTS} starts`);
    expect(median).toBeLessThan(MAX_IMPORT_MS);
  });
});

test('the disk queue says what to install where its peer is missing', async () => {
  const script = `require('qcloud-im-callback/disk').diskQueue({ dir: 'queue' }).open()
    .catch((error) => console.log(JSON.stringify(error.message)));`;
  expect(await runScript(bare, 'disk.cjs', script)).toBe(
    'queue_failed: diskQueue needs the package classic-level: npm install classic-level',
  );
});

describe('both kinds in one process', () => {
  test('each copy takes the answers, events, errors and receivers of the other', async () => {
    expect(await runScript(express5, 'copies.mjs', scripts.copiesScript)).toEqual({
      twoCopies: true,
      answer: true,
      event: true,
      error: true,
      handler: true,
      answered: 120_001,
      received: 120_001,
    });
  });

  test('schemas can be imported one by one', async () => {
    const name = 'qcloud-im-callback/schemas/commands/State.StateChange.json';
    const script = `console.log(JSON.stringify(require('${name}').type))`;
    expect(await runScript(bare, 'schema.cjs', script)).toBe('object');
  });
});

describe('a consumer in TypeScript', () => {
  const NODE = ['--target', 'es2022'];

  test.each([
    ['an ES module under NodeNext', 'consumer.mts', ['--module', 'nodenext']],
    ['a CommonJS module under NodeNext', 'consumer.cts', ['--module', 'nodenext', '--esModuleInterop']],
    ['a CommonJS module under Node16', 'consumer.cts', ['--module', 'node16', '--esModuleInterop']],
    ['a bundler', 'consumer.ts', ['--module', 'preserve', '--moduleResolution', 'bundler']],
    [
      'CommonJS output with a bundler',
      'consumer.ts',
      ['--module', 'commonjs', '--moduleResolution', 'bundler'],
    ],
    [
      'a library, whose declarations name what ours return',
      'consumer.mts',
      ['--module', 'nodenext', '--declaration'],
    ],
    ['exact optional properties', 'consumer.mts', ['--module', 'nodenext', '--exactOptionalPropertyTypes']],
  ])('compiles as %s, with the types of libraries checked', async (_, file, options) => {
    writeFileSync(join(express5, file), scripts.consumer);
    expect(await compile(express5, file, [...NODE, ...options, '--skipLibCheck', 'false'])).toBe('');
  });
});
