/** Packs this package and installs it in folders of its own, as a user would. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

const run = promisify(execFile);
const TIMEOUT_MS = 180_000;

/** What `npm pack --json` says of a tarball. */
interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** A packed tarball, and what lies in it. */
export interface Tarball {
  readonly path: string;
  readonly files: readonly string[];
}

/** A temporary folder. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'qcloud-im-callback-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Builds and packs into a folder. */
export async function pack(folder: string): Promise<Tarball> {
  await run('npm', ['run', 'build', '--silent'], { cwd: root, timeout: TIMEOUT_MS });
  // prepack would build once more and write between the lines of JSON.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: root, timeout: TIMEOUT_MS });
  const [packed] = JSON.parse(stdout) as [Packed];
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** Version ranges of our own development dependencies, for what a user would install beside us. */
export function versionOf(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return `${name}@${devDependencies[name] ?? 'latest'}`;
}

/** Installs packages in a new folder below `parent`. */
export async function install(parent: string, name: string, packages: readonly string[]): Promise<string> {
  const folder = join(parent, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true }));
  // What `npm ci` fetched for us lies in npm's cache.
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages];
  await run('npm', args, { cwd: folder, timeout: TIMEOUT_MS });
  return folder;
}

/** Writes a script into a folder and runs it; gives the last line that it prints, as JSON. */
export async function runScript(
  folder: string,
  file: string,
  code: string,
  flags: readonly string[] = [],
): Promise<unknown> {
  writeFileSync(join(folder, file), code);
  const { stdout } = await run(process.execPath, [...flags, file], { cwd: folder, timeout: TIMEOUT_MS });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Compiles a file of a folder and gives what the compiler says; `''` when nothing is wrong. */
export async function compile(folder: string, file: string, options: readonly string[]): Promise<string> {
  const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
  const args = [tsc, '--noEmit', '--strict', '--types', 'node', ...options, file];
  try {
    await run(process.execPath, args, { cwd: folder, timeout: TIMEOUT_MS });
    return '';
  } catch (thrown) {
    return (thrown as { stdout: string }).stdout;
  }
}
