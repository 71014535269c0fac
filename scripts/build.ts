// Builds dist/esm and dist/cjs: tsc once for each, and a package.json that tells Node which is which.

import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
const run = promisify(execFile);

const builds = [
  { folder: 'dist/esm', type: 'module', config: 'tsconfig.build.json' },
  { folder: 'dist/cjs', type: 'commonjs', config: 'tsconfig.cjs.json' },
] as const;

// Node looks up `#platform` in the package.json that is nearest to the importing file: the one of each build says
// what the package's own says of src/.
const { imports: ofSources } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  imports: unknown;
};
const imports: unknown = JSON.parse(
  JSON.stringify(ofSources).replaceAll(/"\.\/src\/([^"]+)\.ts"/g, '"./$1.js"'),
);

rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  await Promise.all(builds.map(({ config }) => run(process.execPath, [tsc, '-p', config], { cwd: root })));
  // Last, so that a build that was cut short is not taken for a finished one.
  for (const { folder, type } of builds) {
    const text = JSON.stringify({ type, sideEffects: false, imports }, undefined, 2);
    writeFileSync(join(root, folder, 'package.json'), `${text}\n`);
  }
} catch (thrown) {
  // tsc writes what is wrong to its standard output.
  const { stdout = '' } = thrown as { stdout?: string };
  console.error(stdout === '' ? thrown : stdout);
  process.exitCode = 1;
}
