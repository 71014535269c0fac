/** Measures everything, round by round, each measurement in a process of its own. */

import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { findRedisProgram, RedisServer } from '../../support/redis-server.js';
import { BODY_BYTES } from '../http/callback.js';
import { trial } from '../http/trial.js';
import { CASES, type Case, type InFlight } from './cases.js';
import type { Task } from './child.js';
import type { Figures } from './load.js';
import type { Options } from './options.js';

/** Far more than any measurement takes. */
const PATIENCE_MS = 120_000;
const RECEIVER = { name: 'express-create-server', title: 'Express 5, createServer()' } as const;
const REQUESTS = {
  requests: 10_000,
  warmUp: 4_000,
  connections: 50,
  bodyBytes: BODY_BYTES,
  node: process.execPath,
} as const;
const FLIGHTS: readonly InFlight[] = [1, 50];

/** A line of the table with its figures, one per round. */
export interface Measured {
  readonly case: Case;
  readonly inFlight: InFlight;
  readonly figures: Figures[];
}

/** What came of all rounds. */
export interface Results {
  readonly lines: readonly Measured[];
  /** CPU time of the receiver per request, one per round; empty where it was not measured. */
  readonly httpMicros: readonly number[];
}

export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}

const run = promisify(execFile);

async function measure(task: Task): Promise<Figures> {
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'child.ts'), JSON.stringify(task)],
    { timeout: PATIENCE_MS, env: { ...process.env, NODE_ENV: 'production' } },
  );
  return JSON.parse(stdout) as Figures;
}

/** Runs the rounds. What needs Redis is left out, and said to be, where there is none. */
export async function measureAll({ rounds, events, tiers, httpRate }: Options): Promise<Results> {
  const redis = findRedisProgram() === undefined ? undefined : await RedisServer.start();
  if (redis === undefined)
    console.error('neither redis-server nor valkey-server is in PATH: list and bullmq are left out');
  const chosen = CASES.filter(
    ({ tier }) => tiers.includes(tier) && (redis !== undefined || tier === 'memory' || tier === 'disk'),
  );
  const lines: Measured[] = chosen.flatMap((found) =>
    FLIGHTS.filter((inFlight) => found.events[inFlight] !== undefined).map((inFlight) => ({
      case: found,
      inFlight,
      figures: [],
    })),
  );
  const httpMicros: number[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      console.error(`round ${round} of ${rounds}, load average ${load()}`);
      if (tiers.includes('memory') && httpRate === undefined) {
        httpMicros.push((await trial(RECEIVER, REQUESTS)).cpuMicros);
      }
      for (const { case: found, inFlight, figures } of lines) {
        const task = {
          index: CASES.indexOf(found),
          inFlight,
          events: events ?? found.events[inFlight] ?? 0,
          redisUrl: redis?.url ?? '',
        };
        figures.push(await measure(task));
        if (redis !== undefined) await empty(redis.url);
      }
    }
  } finally {
    await redis?.end();
  }
  return { lines, httpMicros };
}

/** What one measurement leaves must not be there for the next. */
async function empty(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}
