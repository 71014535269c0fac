// Runs the tests on each supported version of Node, one after the other.
//   npm run test:matrix                               all of them
//   npm run test:matrix -- 24 26                      these
//   npm run test:matrix -- 24 -- test/unit --bail=1   with arguments for vitest

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cache, nodeOf, SUPPORTED } from './nodes.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const run = promisify(execFile);

interface Outcome {
  readonly line: string;
  readonly good: boolean;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** Runs vitest with that binary, which tests find as `process.execPath` and as `node` on PATH. */
async function testOn(major: string, args: readonly string[]): Promise<Outcome> {
  const binary = await nodeOf(major);
  const version = (await run(binary, ['--version'])).stdout.trim();
  if (!version.startsWith(`v${major}.`)) throw new Error(`${binary} is Node ${version}`);
  console.log(`\n== Node ${version}`);
  const path = [dirname(binary), process.env['PATH']].join(delimiter);
  const report = join(cache, `${major}.json`);
  rmSync(report, { force: true });
  // What must not compile is for tsc to tell, on whatever Node; the package is packed by npm, on one.
  const flags = ['--project=!types', '--project=!package', '--reporter=default', '--reporter=json'];
  const child = spawn(binary, [vitest, 'run', ...flags, `--outputFile.json=${report}`, ...args], {
    cwd: root,
    env: { ...process.env, PATH: path, NODE: binary, npm_node_execpath: binary },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (!existsSync(report)) return { line: `Node ${version}: no report`, good: false };
  const { numPassedTests, numFailedTests, numPendingTests }: Report = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  // A file that breaks before its tests, or a rejection that nobody handles, fails the run and no test.
  const verdict = code === 0 ? 'ok' : `vitest ended with ${code}`;
  const counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
  return { line: `Node ${version}: ${counts}; ${verdict}`, good: code === 0 };
}

const given = process.argv.slice(2);
const end = given.includes('--') ? given.indexOf('--') : given.length;
const majors = given.slice(0, end);
const unknown = majors.filter((major) => !SUPPORTED.includes(major));
if (unknown.length > 0) throw new Error(`not one of ${SUPPORTED.join(', ')}: ${unknown.join(', ')}`);

const outcomes: Outcome[] = [];
for (const major of majors.length > 0 ? majors : SUPPORTED) {
  const failed = (thrown: unknown): Outcome => ({ line: `Node ${major}: ${thrown}`, good: false });
  outcomes.push(await testOn(major, given.slice(end + 1)).catch(failed));
}
console.log(`\n${outcomes.map(({ line }) => line).join('\n')}`);
if (outcomes.some(({ good }) => !good)) process.exitCode = 1;
