/** Global set-up of the projects that need it: `dist` holds what `src` says, for tests that run the package as its users do. */

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The top level of this package. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const INPUTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.cjs.json',
  'tsconfig.types.json',
  'scripts/build.ts',
];
/** What the build writes last. */
const LAST_OUTPUT = 'dist/cjs/package.json';

function changedAt(file: string): number {
  return statSync(join(root, file)).mtimeMs;
}

/** Builds once for a run, where `dist` is missing or older than what it is made of. */
export default async function setup(): Promise<void> {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...[...sources.map((file) => join('src', file)), ...INPUTS].map(changedAt));
  if (existsSync(join(root, LAST_OUTPUT)) && changedAt(LAST_OUTPUT) > newest) return;
  await promisify(execFile)('npm', ['run', 'build', '--silent'], { cwd: root });
}
