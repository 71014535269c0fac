/** Memory of an Express server with a receiver: idle, busy, with many events that wait, and after those. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { nodeOf, SUPPORTED } from '../../scripts/nodes.js';
import { sampleBody, signedQuery } from '../../src/testing.js';
import { count } from './flags.js';
import { callbackUrl, environment } from './http/callback.js';
import { markdownTable, median, range } from './measure.js';
import { writePages } from './pages.js';

const USAGE = `Usage: npm run bench -- memory [options]
  --rounds N   processes of each (3)
  --events N   events that wait (100000)
  --node A,B   what runs: ${SUPPORTED.join(', ')}, or the path of a Node (this one)
  --write      writes the figures into docs/speed.md`;

const flags = {
  rounds: { type: 'string', default: '3' },
  events: { type: 'string', default: '100000' },
  node: { type: 'string', default: process.execPath },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const COMMAND = 'Group.CallbackAfterSendMsg';
const RATE = 1_000;
const SECONDS = 5;
/** What the process needs to give back what it does not use. */
const CALM_MS = 2_000;

const queryNow = () =>
  signedQuery({
    sdkAppId: environment.BENCH_SDK_APP_ID,
    token: environment.BENCH_TOKEN,
    command: COMMAND,
    platform: 'iOS',
  });
/** About a kilobyte. */
const body = JSON.stringify({
  ...sampleBody(COMMAND),
  MsgBody: [
    { MsgType: 'TIMTextElem', MsgContent: { Text: '明天九点在老地方见，记得带上照片。'.repeat(10) } },
  ],
});

async function reply(child: ChildProcess): Promise<unknown> {
  const [message]: unknown[] = await once(child, 'message');
  return (message as { readonly result?: unknown }).result;
}

async function ask(child: ChildProcess, task: string, parameters: object = {}): Promise<unknown> {
  const told = reply(child);
  child.send({ task, ...parameters });
  return told;
}

/** Resident megabytes: idle, busy, with events that wait, and after those. */
async function measure(node: string, events: number): Promise<number[]> {
  const child = fork(join(import.meta.dirname, 'memory-child.mjs'), {
    execPath: node,
    execArgv: [],
    env: { ...process.env, ...environment, NODE_ENV: 'production' },
  });
  try {
    const { port } = (await reply(child)) as { readonly port: number };
    const resident = async (): Promise<number> =>
      ((await ask(child, 'memory')) as NodeJS.MemoryUsage).rss / 1e6;
    await pause(CALM_MS);
    const idle = await resident();
    const url = callbackUrl(port, await queryNow());
    await autocannon({ url, method: 'POST', body, connections: 16, overallRate: RATE, duration: SECONDS });
    const busy = await resident();
    await ask(child, 'burst', { query: await queryNow(), body, amount: events });
    const waiting = await resident();
    await ask(child, 'drain');
    await pause(CALM_MS);
    return [idle, busy, waiting, await resident()];
  } finally {
    child.kill('SIGKILL');
  }
}

/** Runs the benchmark with the arguments of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const rounds = count('rounds', values.rounds);
  const events = count('events', values.events);
  const names = values.node.split(',');
  const rows: string[][] = [];
  for (const name of names) {
    const node = SUPPORTED.includes(name) ? await nodeOf(name) : name;
    const found: number[][] = [];
    for (let round = 0; round < rounds; round += 1) found.push(await measure(node, events));
    const title = SUPPORTED.includes(name) ? `Node ${name}` : `Node ${process.versions.node}`;
    const cells = [0, 1, 2, 3].map((index) => {
      const all = found.map((one) => one[index] ?? Number.NaN);
      return `${median(all).toFixed(0)} (${range(all, 0)})`;
    });
    rows.push([title, ...cells]);
  }
  const head = ['resident MB', 'idle', `at ${RATE} requests/s`, `${events} events wait`, 'all are handled'];
  const load = loadavg()[0]?.toFixed(1);
  const text = `Express and a receiver; bodies of ${Buffer.byteLength(body)} bytes; medians and ranges of ${rounds} processes; load average ${load}.\n\n${markdownTable(head, rows)}`;
  console.log(text);
  if (values.write) writePages('memory', text);
}
