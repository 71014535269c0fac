/** The package as an edge runtime runs it: bundled for there, in a realm that has web standards and nothing of Node. */

import { join } from 'node:path';
import { EdgeVM } from '@edge-runtime/vm';
import { build } from 'vite';
import { parseAst } from 'vitest/node';
import { root } from './built.js';

/** A bundle: one script, and what it is made of. */
export interface Bundle {
  readonly code: string;
  /** Modules that are not in it and would have to be there, those of Node among them. */
  readonly imports: readonly string[];
  /** Files that are in it, from the top level. */
  readonly files: readonly string[];
}

/** What bundlers answer to when they build for Vercel's edge runtime, and for Workers. */
export const VERCEL = ['edge-light', 'worker', 'browser'];
export const WORKERS = ['workerd', 'worker', 'browser'];

/** Name of the variable that a bundle leaves its exports in. */
const GLOBAL = 'bundled';

/**
 * Bundles a module as users of an edge platform do.
 * @param entry Path from the top level.
 * @param conditions What the platform answers to in `exports` and `imports`.
 */
export async function bundle(entry: string, conditions: readonly string[]): Promise<Bundle> {
  const result = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    resolve: { conditions: [...conditions] },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: join(root, entry), formats: ['iife'], name: GLOBAL },
      rolldownOptions: { output: { exports: 'named' } },
    },
  });
  const [chunk, ...others] = [result].flat().flatMap((part) => ('output' in part ? part.output : []));
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error('the bundle is not one script');
  const files = chunk.moduleIds.map((file) => file.replace(root, ''));
  return {
    code: chunk.code,
    files,
    imports: [
      ...chunk.imports,
      ...chunk.dynamicImports.filter((name) => name !== chunk.fileName),
      // What stands in the bundle where a module of Node is imported.
      ...files.filter((file) => file.startsWith('__vite-browser-external')),
    ],
  };
}

/** Globals of Node, and what its kind of modules has. */
const OF_NODE = new Set([
  'process',
  'Buffer',
  'require',
  'global',
  '__dirname',
  '__filename',
  'setImmediate',
  'clearImmediate',
]);

interface SyntaxNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Whether a name in this place of its parent names a member, and no variable. */
function isMember(parent: SyntaxNode, place: string): boolean {
  const places = ['property', 'key'];
  return places.includes(place) && parent['computed'] !== true && parent['shorthand'] !== true;
}

/** Lines that use a variable of Node without asking in the same line whether there is one. */
export function nodeNames(code: string): string[] {
  const found = new Set<string>();
  const lineAt = (offset: number): string =>
    code.slice(code.lastIndexOf('\n', offset) + 1, code.indexOf('\n', offset)).trim();
  const visit = (node: SyntaxNode, parent: SyntaxNode, place: string): void => {
    const { type, name, start } = node;
    if (type === 'Identifier' && typeof name === 'string' && OF_NODE.has(name) && !isMember(parent, place)) {
      const line = lineAt(Number(start));
      if (!line.includes(`typeof ${name} `)) found.add(line);
    }
    for (const [key, value] of Object.entries(node)) {
      for (const child of [value].flat()) if (isNode(child)) visit(child, node, key);
    }
  };
  const program: unknown = parseAst(code);
  if (isNode(program)) visit(program, program, '');
  return [...found];
}

/** What a `Request` is made with; every realm has its own. */
export type Web = Pick<typeof globalThis, 'Request' | 'ReadableStream'>;

/** A realm of an edge runtime with a bundle in it, whose exports have the type `Exports`. */
export interface Realm<Exports> {
  readonly exports: Exports;
  readonly web: Web;
}

/** What Workers, Deno and Bun have beside what Vercel's edge runtime has, as far as this package uses it. */
export const WORKERS_HAVE = { DecompressionStream };

/**
 * Runs a bundle in a realm of its own, that of Vercel's edge runtime. No code can be made from texts there.
 * @param globals Globals beside those.
 */
export function realmOf<Exports>({ code }: Bundle, globals: object = {}): Realm<Exports> {
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, globals) });
  return {
    exports: vm.evaluate<Exports>(`${code};${GLOBAL}`),
    web: vm.evaluate<Web>('({ Request, ReadableStream })'),
  };
}
