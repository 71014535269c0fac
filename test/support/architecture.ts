/** Reads the imports of src/ and tells which of them break the rules of the code base. */

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';

/** Text of each source file by its path under src/, such as `queue/memory.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** Reads all of src/. */
export function readSources(src: string): Map<string, string> {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return new Map(files.map((file) => [file.replaceAll('\\', '/'), readFileSync(join(src, file), 'utf8')]));
}

interface Import {
  /** Whether it is a path in src/. */
  readonly local: boolean;
  /** Path under src/, `#platform`, or the name as it is written. */
  readonly to: string;
  readonly typeOnly: boolean;
  readonly reExport: boolean;
}

/** Code without comments. Texts and patterns stay, so that one that holds `//` or `/*` is not cut. */
function codeOf(text: string): string {
  const pattern =
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<=[=(,:]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/)|\/\*[\s\S]*?\*\/|\/\/.*/g;
  return text.replace(pattern, (_, kept: string | undefined) => kept ?? '');
}

const STATEMENT = /^(import|export)\s+(type\s)?(?:([\w$*{}\s,]+?)\s+from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

function isTypeOnly(keyword: string | undefined, clause: string | undefined): boolean {
  if (keyword !== undefined) return true;
  const names = clause
    ?.match(/^\{([^}]*)\}$/)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  return names?.filter(Boolean).every((name) => name.startsWith('type ')) ?? false;
}

/** What a file imports: statements, re-exports and `import()`. */
export function importsOf(file: string, text: string): readonly Import[] {
  const code = codeOf(text);
  const target = (name: string): Pick<Import, 'to' | 'local'> =>
    name.startsWith('.')
      ? { to: posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts'), local: true }
      : { to: name, local: false };
  return [
    ...[...code.matchAll(STATEMENT)].map(([, verb, type, clause, name = '']) => ({
      ...target(name),
      typeOnly: isTypeOnly(type, clause),
      reExport: verb === 'export',
    })),
    ...[...code.matchAll(DYNAMIC)].map(([, name = '']) => ({
      ...target(name),
      typeOnly: false,
      reExport: false,
    })),
  ];
}

const ADAPTER = /^adapters\/(?:node|express|koa|fastify|fetch)\.ts$/;
const ENTRY =
  /^(?:index|core|node|koa|fastify|fetch|bullmq|disk|redis|prometheus|opentelemetry)\.ts$|^testing\/index\.ts$/;

/** Where a file belongs. A file at the top that is not named here knows only the protocol. */
function roomOf(file: string): string {
  if (file === '#platform') return 'platform';
  if (ENTRY.test(file)) return 'entry';
  if (/^(?:handler|runner|background)\.ts$/.test(file)) return 'handler';
  if (/^(?:options|routes)\.ts$/.test(file)) return 'setup';
  if (file === 'queue/queue.ts') return 'queue contract';
  // Gives the fields of a body their one type; commands.ts binds it to each command.
  if (file === 'pipeline/normalize.ts') return 'facts';
  const [folder, ...rest] = file.split('/');
  return rest.length === 0 ? 'facts' : (folder as string);
}

const FACTS = ['facts', 'generated', 'platform'];
const CORE = [...FACTS, 'setup', 'queue contract'];

/** Rooms whose files a room's files may import, beside those of its own room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  generated: ['facts'],
  facts: FACTS,
  'queue contract': ['facts'],
  queue: ['facts', 'queue contract', 'platform'],
  setup: [...FACTS, 'queue contract', 'observe'],
  observe: CORE,
  pipeline: CORE,
  handler: [...CORE, 'pipeline', 'queue', 'observe'],
  adapters: [...CORE, 'handler'],
  entry: [...CORE, 'pipeline', 'queue', 'observe', 'handler', 'adapters', 'testing'],
  testing: [...CORE, 'pipeline', 'queue', 'handler'],
  cli: [...CORE, 'pipeline', 'queue', 'observe', 'handler', 'adapters', 'testing'],
};

/** Optional peers and what they are to us: each is named by the files that exist for it, and by no other. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  express: /^adapters\/express[\w-]*\.ts$/,
  'body-parser': /^adapters\/(?:express|raw-parser)\.ts$/,
  koa: /^adapters\/koa[\w-]*\.ts$/,
  fastify: /^adapters\/fastify[\w-]*\.ts$/,
  hono: /^$/,
  connect: /^$/,
  bullmq: /^queue\/bullmq[\w-]*\.ts$/,
  'classic-level': /^queue\/disk[\w-]*\.ts$/,
  ioredis: /^queue\/(?:list|redis)[\w-]*\.ts$/,
  redis: /^queue\/(?:list|redis)[\w-]*\.ts$/,
  'prom-client': /^observe\/prometheus[\w-]*\.ts$/,
  '@opentelemetry/api': /^observe\/opentelemetry[\w-]*\.ts$/,
  ajv: /^user-schemas\.ts$/,
};

function packageOf(name: string): string {
  const parts = name.split('/');
  return parts.slice(0, name.startsWith('@') ? 2 : 1).join('/');
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}

/** A rule: the sentences that say what breaks it. */
export type Rule = (sources: Sources) => string[];

function perImport(check: (file: string, imported: Import, sources: Sources) => string | undefined): Rule {
  return (sources) =>
    [...sources].flatMap(([file, text]) =>
      importsOf(file, text).flatMap((imported) => check(file, imported, sources) ?? []),
    );
}

const isOurs = (name: string, sources: Sources): boolean => name === '#platform' || sources.has(name);

/** Imports go one way. */
export const oneWay = perImport((file, { to }, sources) => {
  if (!isOurs(to, sources)) return undefined;
  const [from, into] = [roomOf(file), roomOf(to)];
  if (from === into || MAY_IMPORT[from]?.includes(into)) return undefined;
  return `${file} (${from}) imports ${to} (${into})`;
});

/** No file imports itself through others, types included. */
export const noCycle: Rule = (sources) => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(file);
    if (seen >= 0) cycles.push([...trail.slice(seen), file].join(' → '));
    if (seen >= 0 || done.has(file)) return;
    for (const { to } of importsOf(file, sources.get(file) ?? '')) {
      if (sources.has(to)) visit(to, [...trail, file]);
    }
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return cycles;
};

/** Frameworks, queue clients and ajv are known only to the files that are made for them. */
export const packagesAtHome = perImport((file, { to }) => {
  const owners = OWNERS[packageOf(to)];
  return owners === undefined || owners.test(file) ? undefined : `${file} imports ${to}`;
});

/** Node's own modules and globals are known only to the platform, the adapters and the command line tool. */
export const nodeAtTheEdge: Rule = (sources) =>
  [...sources]
    .filter(([file]) => !/^(?:platform|adapters|cli)\/|^queue\/disk/.test(file))
    .flatMap(([file, text]) => [
      ...importsOf(file, text)
        .filter(({ to }) => isBuiltin(to))
        .map(({ to }) => `${file} imports ${to}`),
      ...[...codeOf(text).matchAll(/(?<![.\w$'])(Buffer(?=[.(<[])|process(?=[.[])|require(?=\())/g)].map(
        ([, name]) => `${file} uses ${name}`,
      ),
    ]);

/** What an entry loads at run time, in `from` and everything it imports. */
function loadedBy(from: string, sources: Sources): Set<string> {
  const loaded = new Set([from]);
  for (const file of loaded) {
    for (const { to, typeOnly } of importsOf(file, sources.get(file) ?? '')) if (!typeOnly) loaded.add(to);
  }
  return loaded;
}

/** The entries without a Node framework run where Node's modules are missing. */
export const edgeWithoutNode: Rule = (sources) =>
  ['core.ts', 'fetch.ts'].flatMap((entry) =>
    [...loadedBy(entry, sources)]
      .filter(
        (name) => isBuiltin(name) || ['express', 'body-parser', 'koa', 'fastify'].includes(packageOf(name)),
      )
      .map((name) => `${entry} loads ${name}`),
  );

/** A queue knows events and errors, and nothing of HTTP. */
export const queueWithoutHttp = perImport((file, { to }, sources) => {
  if (!file.startsWith('queue/') || to.startsWith('queue/') || !isOurs(to, sources)) return undefined;
  return ['errors.ts', 'event.ts', 'stored.ts', 'when-there.ts', '#platform'].includes(to)
    ? undefined
    : `${file} imports ${to}`;
});

/** Generated code takes nothing but types from the rest. */
export const generatedStandsAlone = perImport((file, { to, typeOnly }) =>
  !file.startsWith('generated/') || to.startsWith('generated/') || typeOnly
    ? undefined
    : `${file} imports ${to}`,
);

/** No adapter imports another. */
export const adaptersApart = perImport((file, { to }) =>
  file.startsWith('adapters/') && ADAPTER.test(to) ? `${file} imports ${to}` : undefined,
);

/** Only entries re-export, and only entries import entries. */
export const noBarrel = perImport((file, { to, reExport }) => {
  if (ENTRY.test(file)) return undefined;
  if (reExport) return `${file} re-exports ${to}`;
  return ENTRY.test(to) ? `${file} imports the entry ${to}` : undefined;
});

const MAX_LINES = 300;

/** A file has one reason to change. */
export const shortFiles: Rule = (sources) =>
  [...sources]
    .filter(([file, text]) => !file.startsWith('generated/') && text.split('\n').length > MAX_LINES)
    .map(([file]) => `${file} has ${MAX_LINES} lines or more`);

/** Every import of ours is a file, so that no rule is blind to one. */
export const importsExist = perImport((file, { to, local }, sources) =>
  local && !sources.has(to) ? `${file} imports ${to}` : undefined,
);
