/** How long the start takes: the import beyond Express, as a module and as CommonJS, and the first answer. */

import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { nodeOf, SUPPORTED } from '../../scripts/nodes.js';
import { count } from './flags.js';
import { markdownTable, median, medianInterval } from './measure.js';
import { writePages } from './pages.js';

const USAGE = `Usage: npm run bench -- start [options]
  --rounds N   starts of each (9)
  --node A,B   what runs: ${SUPPORTED.join(', ')}, or the path of a Node (this one)
  --write      writes the figures into docs/speed.md`;

const flags = {
  rounds: { type: 'string', default: '9' },
  node: { type: 'string', default: process.execPath },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** Loads Express, then us, then answers a callback, and tells how many milliseconds each took. */
const answer = `
  const times = [performance.now()];
  const done = () => times.push(performance.now());
  const app = { sdkAppId: 1400000000, token: false, logger: false };
  const request = {
    method: 'POST', query: 'SdkAppid=1400000000&CallbackCommand=State.StateChange',
    body: { received: true, read: () => '{"CallbackCommand":"State.StateChange","Info":{"Action":"Login","To_Account":"a","Reason":"Register"}}' },
  };`;
const tell = `console.log(JSON.stringify(times.slice(1).map((time, index) => time - times[index])));`;
const scripts = {
  module: `${answer}
    await import('express'); done();
    const { qcloudIm } = await import('qcloud-im-callback'); done();
    const { status } = await qcloudIm(app).handler.receive(request); done();
    if (status !== 200) throw new Error(String(status));
    ${tell}`,
  commonjs: `${answer}
    require('express'); done();
    const { qcloudIm } = require('qcloud-im-callback'); done();
    qcloudIm(app).handler.receive(request).then(({ status }) => {
      done();
      if (status !== 200) throw new Error(String(status));
      ${tell}
    });`,
} as const;

async function start(node: string, kind: keyof typeof scripts): Promise<number[]> {
  const { stdout } = await run(node, [`--input-type=${kind}`, '--eval', scripts[kind]], { cwd: root });
  return JSON.parse(stdout) as number[];
}

function told(values: readonly number[]): string {
  const [low, high] = medianInterval(values).map((value) => value.toFixed(0));
  return `${median(values).toFixed(0)} (${low}–${high})`;
}

/** Runs the benchmark with the arguments of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const rounds = count('rounds', values.rounds);
  const nodes = await Promise.all(
    values.node.split(',').map((node) => (SUPPORTED.includes(node) ? nodeOf(node) : node)),
  );
  const cases = nodes.flatMap((node) =>
    (['module', 'commonjs'] as const).map((kind) => ({ node, kind, starts: [] as number[][] })),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const { node, kind, starts } of cases) starts.push(await start(node, kind));
  }
  const rows = await Promise.all(
    cases.map(async ({ node, kind, starts }) => {
      const { stdout } = await run(node, ['--version']);
      const part = (index: number): string => told(starts.map((times) => times[index] ?? Number.NaN));
      const name = kind === 'module' ? 'ES module' : 'CommonJS';
      return [`Node ${stdout.trim().slice(1)}, ${name}`, part(0), part(1), part(2)];
    }),
  );
  const head = ['', 'Express alone, ms', 'this package beyond it, ms', 'first answer after that, ms'];
  const load = loadavg()[0]?.toFixed(1);
  const text = `Medians of ${rounds} starts, with their intervals; load average ${load}.\n\n${markdownTable(head, rows)}`;
  console.log(text);
  if (values.write) writePages('start', text);
}
