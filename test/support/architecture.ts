/** Reads what the files of src/ import and tells which of them break the rules of the code base. */

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { entries } from '../../scripts/entries.js';

/** Text of each source file by its path under src/, such as `queue/memory/memory.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** Reads all of src/. */
export function readSources(src: string): Map<string, string> {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return new Map(files.map((file) => [file.replaceAll('\\', '/'), readFileSync(join(src, file), 'utf8')]));
}

/** What a queue knows of the protocol: events and their stored form. Nothing of HTTP, options or answers. */
const EVENTS = ['protocol/event.ts', 'protocol/received-event.ts', 'protocol/stored-event.ts'];
const QUEUES = ['queue/bullmq', 'queue/list', 'queue/disk', 'queue/memory', 'queue'];

/**
 * The rooms, from the top of the house to its floor. A file imports from its own room and from what stands
 * beside that room here: rooms below it, or single files of them.
 */
// biome-ignore format: one room, one line
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  entries: ['observe', 'adapters', 'testing', 'receiver', 'pipeline', ...QUEUES, 'options', 'dedupe', 'protocol', 'base', 'generated'],
  adapters: ['receiver', 'options', 'queue/queue.ts', 'protocol', 'base'],
  testing: ['receiver', 'pipeline/verify.ts', 'options', 'protocol', 'base', 'platform', 'generated'],
  receiver: ['pipeline', 'options', 'observe', 'queue/memory', 'queue', 'dedupe', 'protocol', 'base', 'platform', 'generated'],
  pipeline: ['options', 'observe', 'dedupe', 'protocol', 'base', 'platform', 'generated'],
  options: ['observe', 'queue/queue.ts', 'dedupe', 'protocol', 'base', 'platform', 'generated'],
  observe: ['queue/keeper.ts', 'queue/queue.ts', 'protocol', 'base', 'platform', 'generated'],
  'queue/bullmq': ['queue', ...EVENTS, 'base', 'platform'],
  'queue/list': ['queue', 'queue/pool', ...EVENTS, 'base', 'platform'],
  'queue/disk': ['queue', 'queue/pool', ...EVENTS, 'base', 'platform'],
  'queue/memory': ['queue', 'queue/pool', ...EVENTS, 'base', 'platform'],
  queue: ['queue/pool', ...EVENTS, 'base', 'platform'],
  'queue/pool': ['base'],
  dedupe: ['base'],
  protocol: ['base', 'platform', 'generated'],
  base: ['platform'],
  platform: [],
  generated: [],
};

/** What of others may be imported, and by which files: those whose path begins so. Anything else is imported by none. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@opentelemetry/api': ['observe/opentelemetry.ts'],
  ajv: ['protocol/user-schemas.ts', 'generated/'],
  'body-parser': ['adapters/express.ts', 'adapters/raw-parser.ts'],
  bullmq: ['queue/bullmq/'],
  'classic-level': ['queue/disk/'],
  express: ['adapters/express'],
  'fastest-levenshtein': ['base/did-you-mean.ts', 'options/near-miss.ts'],
  ioredis: ['queue/list/', 'dedupe/'],
  'ipaddr.js': ['options/allow-from.ts'],
  'lru.min': ['dedupe/', 'pipeline/'],
  redis: ['queue/list/', 'dedupe/'],
};

/** Rooms that run on Node alone. */
const NODE_ROOMS = ['platform', 'adapters', 'queue/disk'];

/** Globals that other runtimes lack. */
const NODE_GLOBALS = new Set(['Buffer', 'NodeJS', '__dirname', '__filename', 'global', 'process', 'require']);

/** Entries that run where Node's modules are missing. */
const EDGE_ENTRIES = ['core.ts', 'fetch.ts'];

const MAX_LINES = 250;

/** Files at the root of src/ that package.json exports. */
const ENTRIES = entries.map(({ source }) => posix.relative('src', source));

interface Import {
  /** Path under src/, or the name of a package or a module of Node as it is written. */
  readonly to: string;
  /** Whether it is a file of ours. */
  readonly local: boolean;
  /** Whether nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** Names that are passed on, `*` for all of them; undefined where it is no re-export. */
  readonly reExported?: readonly string[];
}

interface Reading {
  readonly imports: readonly Import[];
  /** Names of Node's globals that are used and not declared in the file. */
  readonly nodeGlobals: readonly string[];
  /** Whether it holds anything but re-exports. */
  readonly hasCode: boolean;
}

function targetOf(file: string, name: string): Pick<Import, 'to' | 'local'> {
  // Both files behind the name look the same from outside, and no room may be reached from either.
  if (name === '#platform') return { to: 'platform/web.ts', local: true };
  if (!name.startsWith('.')) return { to: name, local: false };
  return { to: posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts'), local: true };
}

/**
 * Whether an import statement leaves nothing at run time: only when the whole of it is one of types. One that
 * says `type` at each name still loads the module, as `import {}`.
 */
function importedBy(
  node: ts.Node,
): { readonly name: ts.Node | undefined; readonly typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node))
    return { name: node.moduleSpecifier, typeOnly: node.importClause?.isTypeOnly ?? false };
  if (ts.isExportDeclaration(node)) return { name: node.moduleSpecifier, typeOnly: node.isTypeOnly };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { name: node.argument.literal, typeOnly: true };
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return { name: node.arguments[0], typeOnly: false };
  return undefined;
}

function reExportedBy(node: ts.Node): readonly string[] | undefined {
  if (!ts.isExportDeclaration(node)) return undefined;
  const clause = node.exportClause;
  return clause !== undefined && ts.isNamedExports(clause)
    ? clause.elements.map(({ name }) => name.text)
    : ['*'];
}

/** Whether an identifier is a name that belongs to something else: a key, a member or a label. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isBindingElement(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isImportSpecifier(parent)) &&
    parent.name === node
  );
}

function readFile(file: string, text: string): Reading {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    const found = importedBy(node);
    if (found?.name !== undefined && ts.isStringLiteralLike(found.name)) {
      const reExported = reExportedBy(node);
      imports.push({
        ...targetOf(file, found.name.text),
        typeOnly: found.typeOnly,
        ...(reExported === undefined ? {} : { reExported }),
      });
    }
    if (ts.isIdentifier(node) && NODE_GLOBALS.has(node.text) && !isMember(node)) {
      (isDeclared(node) ? declared : used).add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return {
    imports,
    nodeGlobals: [...used].filter((name) => !declared.has(name)),
    hasCode: source.statements.some(
      (statement) => !ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined,
    ),
  };
}

const readings = new Map<string, { readonly text: string; readonly reading: Reading }>();

/** Reads a file; one that has been read is not parsed again. */
function read(file: string, text: string): Reading {
  const known = readings.get(file);
  if (known?.text === text) return known.reading;
  const reading = readFile(file, text);
  readings.set(file, { text, reading });
  return reading;
}

/** What a file imports: statements, re-exports, `import()` and types written as `import('…').Name`. */
export function importsOf(file: string, text: string): readonly Import[] {
  return read(file, text).imports;
}

/** The room of a file: the folder it lies in. */
function roomOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === '.' ? 'entries' : folder;
}

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

/** Every folder is a room that the table names. */
export const everyFolderIsARoom: Rule = (sources) =>
  [...sources.keys()]
    .filter((file) => !Object.hasOwn(ROOMS, roomOf(file)))
    .map((file) => `${file} is in ${roomOf(file)}, which is no room`);

/** Imports go down, from room to room as the table says. */
export const importsGoDown = perImport((file, { to, local }) => {
  const [from, into] = [roomOf(file), roomOf(to)];
  if (!local || from === into || ROOMS[from]?.includes(into) || ROOMS[from]?.includes(to)) return undefined;
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

/** The packages of others are known only to the files that are made for them. */
export const packagesAtHome = perImport((file, { to, local }) => {
  if (local || isBuiltin(to)) return undefined;
  const homes = PACKAGES[packageOf(to)] ?? [];
  return homes.some((home) => file.startsWith(home)) ? undefined : `${file} imports ${to}`;
});

/** Node's own modules and globals are known only to the rooms that run on Node alone. */
export const nodeAtTheEdge: Rule = (sources) =>
  [...sources]
    .filter(([file]) => !NODE_ROOMS.includes(roomOf(file)))
    .flatMap(([file, text]) => [
      ...importsOf(file, text)
        .filter(({ to, local }) => !local && isBuiltin(to))
        .map(({ to }) => `${file} imports ${to}`),
      ...read(file, text).nodeGlobals.map((name) => `${file} uses ${name}`),
    ]);

/** The files and packages that `from` loads at run time, itself included. */
function loadedBy(from: string, sources: Sources): Set<string> {
  const loaded = new Set([from]);
  for (const file of loaded) {
    for (const { to, typeOnly } of importsOf(file, sources.get(file) ?? '')) if (!typeOnly) loaded.add(to);
  }
  return loaded;
}

/** The entries for other runtimes load no module of Node, use no global of it, and no package that is made for it. */
export const edgeWithoutNode: Rule = (sources) => {
  const forNode = ['express', 'body-parser', 'bullmq', 'classic-level'];
  return EDGE_ENTRIES.flatMap((entry) =>
    [...loadedBy(entry, sources)].flatMap((name) => {
      const text = sources.get(name);
      if (text !== undefined)
        return read(name, text).nodeGlobals.map((used) => `${entry} loads ${name}, which uses ${used}`);
      return isBuiltin(name) || forNode.includes(packageOf(name)) ? [`${entry} loads ${name}`] : [];
    }),
  );
};

/** No adapter imports another. An adapter is what an entry takes its `qcloudIm` from. */
export const adaptersApart: Rule = (sources) => {
  const adapters = ENTRIES.flatMap((entry) =>
    importsOf(entry, sources.get(entry) ?? '').filter(({ reExported }) => reExported?.includes('qcloudIm')),
  ).map(({ to }) => to);
  const check = perImport((file, { to }) =>
    file.startsWith('adapters/') && adapters.includes(to) ? `${file} imports ${to}` : undefined,
  );
  return check(sources);
};

/** At the root of src/ lie the entries that package.json exports, which only re-export, and nothing else. */
export const entriesAtTheRoot: Rule = (sources) => [
  ...ENTRIES.filter((file) => !sources.has(file)).map(
    (file) => `package.json exports ${file}, which is missing`,
  ),
  ...[...sources].flatMap(([file, text]) => {
    if (roomOf(file) !== 'entries') return [];
    if (!ENTRIES.includes(file)) return [`${file} is no entry of package.json`];
    return read(file, text).hasCode ? [`${file} does more than re-export`] : [];
  }),
];

/** Only entries re-export. */
export const noBarrel = perImport((file, { to, reExported }) =>
  reExported === undefined || roomOf(file) === 'entries' ? undefined : `${file} re-exports ${to}`,
);

/** A file has one reason to change. */
export const shortFiles: Rule = (sources) =>
  [...sources].flatMap(([file, text]) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return roomOf(file) === 'generated' || lines <= MAX_LINES ? [] : [`${file} has ${lines} lines`];
  });

/** Every import of ours is a file, so that no rule is blind to one. */
export const importsExist = perImport((file, { to, local }, sources) =>
  local && !sources.has(to) ? `${file} imports ${to}, which is missing` : undefined,
);
