/** Receivers and workers with the BullMQ queue are killed, and so is Redis: what was answered with 200 is handled. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { Program } from '../support/child.js';
import { hasPostgres, PostgresServer } from '../support/postgres-server.js';
import { findRedisProgram, RedisServer } from '../support/redis-server.js';
import {
  type CrashReport,
  crash,
  expectOnlyBusy,
  LEAST_IN_FLIGHT,
  LEAST_UNHANDLED,
  summaryOf,
} from './harness.js';
import { TOKEN } from './load.js';
import { surviveOutages } from './outages.js';

const url = inject('redisUrl');
const KILLS = 20;
/** Handlers at work in each process. */
const WORKERS = 8;
/** Longer than a receiver's deadline, and than a job's lock. */
const AWAY_MS = 2_500;

describe.skipIf(url === '')('a receiver with the BullMQ queue that is killed under load', () => {
  async function crashing(queue: string, kills: number): Promise<CrashReport> {
    const report = await crash({ queue, kills, env: { REDIS_URL: url, BULLMQ_NAME: randomUUID() } });
    console.log(summaryOf(queue, report));
    for (const kill of report.kills) {
      expect(kill.inFlight).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT);
      expect(kill.unhandled).toBeGreaterThanOrEqual(LEAST_UNHANDLED);
    }
    return report;
  }

  it('handles every event that it answered with 200, at least once, over 20 kills', {
    timeout: 20 * 60_000,
  }, async () => {
    const report = await crashing('bullmq', KILLS);
    expect(report.kills).toHaveLength(KILLS);
    expect(report.lost).toEqual([]);
    expectOnlyBusy(report.refused);
    expect(report.repeats).toBeLessThanOrEqual(WORKERS * KILLS);
  });

  it('loses events, and this test sees it, when they are taken for done before they are', async () => {
    const report = await crashing('bullmq, forgotten before it is done', 2);
    expect(report.lost.length).toBeGreaterThan(0);
  });
});

const STORES = [
  {
    name: 'Redis',
    setting: 'REDIS_URL',
    // Where only a Redis of somebody else is to be had, nobody may freeze it.
    there: findRedisProgram() !== undefined,
    start: (): Promise<RedisServer | PostgresServer> => RedisServer.start({ durable: true }),
    restMs: 0,
  },
  {
    name: 'PostgreSQL',
    setting: 'POSTGRES_URL',
    there: hasPostgres(),
    start: () => PostgresServer.start(),
    // There a worker takes far fewer events than a web server can store.
    restMs: 50,
  },
];

describe.each(STORES.filter(({ there }) => there))('a web server and a worker on $name', (place) => {
  let store: RedisServer | PostgresServer;
  let dir: string;
  let file: string;
  let programs: Program[];

  beforeEach(async () => {
    store = await place.start();
    dir = mkdtempSync(join(tmpdir(), 'crash-bullmq-'));
    file = join(dir, 'handled.txt');
    writeFileSync(file, '');
    programs = [];
  }, 60_000);

  afterEach(async () => {
    for (const program of programs) await program.stop('SIGKILL');
    store.thaw();
    await store.end();
    rmSync(dir, { recursive: true });
  });

  function run(script: string, env: Readonly<Record<string, string>> = {}): Program {
    const program = new Program(`test/crash/${script}.ts`, {
      NODE_OPTIONS: '--import tsx',
      HANDLED_FILE: file,
      HANDLER_MS: '2',
      WORKERS: String(WORKERS),
      TOKEN,
      [place.setting]: store.url,
      BULLMQ_NAME: 'im',
      ...env,
    });
    programs.push(program);
    return program;
  }

  const handled = () => new Set(readFileSync(file, 'utf8').split('\n').slice(0, -1));

  it('answer while it is frozen or dead, lose nothing, and go on by themselves', async () => {
    const web = run('receiver', { QUEUE: 'bullmq, web' });
    const worker = run('bullmq-worker');
    const start = async () => {
      await worker.printed(/working/);
      return Number((await web.printed(/listening on (\d+)/))[1]);
    };
    const stop = () => web.stop('SIGKILL');
    const { restMs } = place;
    const answers = await surviveOutages({ store, start, handled, awayMs: AWAY_MS, restMs, stop });
    console.log(`bullmq on ${place.name}: ${answers}`);
  });

  // With PostgreSQL the connections are made, and ended, by the user's own queue and worker.
  it.skipIf(place.name !== 'Redis').each(['there', 'dead', 'frozen'])(
    'leave nothing behind that keeps a process alive: it is %s',
    async (state) => {
      const both = run('bullmq-worker', { BESIDES: 'queue' });
      await both.printed(/working/);
      if (state === 'dead') await store.kill();
      if (state === 'frozen') store.freeze();
      expect(await both.stop('SIGTERM')).toBe(0);
    },
  );
});
