/**
 * A receiver with a fallback while its queue is away: every callback is answered with 200 in time, and what was
 * answered is handled when the queue is back.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { bullmqQueue } from '../../src/bullmq.js';
import { diskQueue } from '../../src/disk.js';
import { CallbackHandler, type FailureReport, memoryQueue, queued } from '../../src/index.js';
import type { ReceiverStats } from '../../src/queue/keeper.js';
import { sampleBody } from '../../src/testing.js';
import { Program } from '../support/child.js';
import { findRedisProgram, RedisServer } from '../support/redis-server.js';
import { baseOptions, callbackOf } from '../support/requests.js';
import { expectOnlyBusy, missing, workedOff } from './harness.js';
import { COMMAND, Load, TOKEN } from './load.js';
import { Notes } from './notes.js';

const PATIENCE = { timeout: 120_000, interval: 20 };
/** Longer than a receiver's deadline. */
const AWAY_MS = 2_500;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'crash-fallback-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

// Where only a Redis of somebody else is to be had, nobody may freeze it.
describe.skipIf(inject('redisUrl') === '' || findRedisProgram() === undefined)(
  'with BullMQ and a disk',
  () => {
    let redis: RedisServer;
    let notes: Notes;
    let load: Load;
    let programs: Program[];

    beforeEach(async () => {
      redis = await RedisServer.start({ durable: true });
      notes = new Notes(dir, 'handled');
      load = new Load(10, () => 20);
      programs = [];
    });

    afterEach(async () => {
      load.stop();
      for (const program of programs) await program.stop('SIGKILL');
      await load.ended();
      redis.thaw();
      await redis.end();
    });

    function run(script: string, env: Readonly<Record<string, string>> = {}): Program {
      const program = new Program(`test/crash/${script}.ts`, {
        NODE_OPTIONS: '--import tsx',
        QUEUE_DIR: join(dir, 'queue'),
        HANDLED_FILE: notes.file,
        HANDLER_MS: '2',
        WORKERS: '8',
        TOKEN,
        REDIS_URL: redis.url,
        BULLMQ_NAME: 'im',
        ...env,
      });
      programs.push(program);
      return program;
    }

    async function started(env: Readonly<Record<string, string>> = {}): Promise<Program> {
      const program = run('fallback-receiver', env);
      const [, port] = await program.printed(/listening on (\d+)/);
      load.start(Number(port));
      return program;
    }

    async function startedWithWorker(env: Readonly<Record<string, string>> = {}): Promise<Program> {
      const working = run('bullmq-worker').printed(/working/);
      const web = await started(env);
      await working;
      return web;
    }

    /** Waits until so many more are answered. */
    async function answered(least: number): Promise<void> {
      const wanted = load.answered.size + least;
      await vi.waitFor(() => expect(load.answered.size).toBeGreaterThanOrEqual(wanted), PATIENCE);
    }

    /** Waits until what is answered by now is handled. */
    async function handled(): Promise<void> {
      const before = [...load.answered];
      await vi.waitFor(() => expect(missing(before, notes.lines())).toEqual([]), PATIENCE);
    }

    const outages = [
      ['frozen', () => redis.freeze(), () => redis.thaw()],
      ['dead', () => redis.kill(), () => redis.start()],
    ] as const;

    it('answers 200 while Redis is frozen, then dead, and everything is handled without a restart', async () => {
      const web = await startedWithWorker();
      await answered(50);
      for (const [, begin, end] of outages) {
        await begin();
        await Promise.all([sleep(AWAY_MS), answered(100)]);
        await end();
        await answered(50);
        await handled();
      }
      load.stop();
      await load.ended();
      await handled();
      expectOnlyBusy(load.refused);

      await web.stop('SIGTERM');
      const [, json = ''] = await web.printed(/figures (.*)/);
      const figures = JSON.parse(json) as ReceiverStats;
      expect(figures.fallback).toMatchObject({ queued: 0, active: 0, dead: 0, rejected: 0 });
      // A hundred in each outage, but for those that were under way when it began.
      expect(figures.fallback?.accepted).toBeGreaterThanOrEqual(150);
      expect(web.output).toMatch(/they go to the fallback/);
      const repeats = notes.lines().length - new Set(notes.lines()).size;
      console.log(
        `fallback: ${load.answered.size} answered, ${figures.fallback?.accepted} by way of the fallback, ` +
          `${repeats} repeated, slowest answer ${Math.round(load.slowestMs)} ms`,
      );
    });

    it.each(outages)(
      'loses nothing when it is killed while Redis is %s, and started again after that',
      async (_, begin, end) => {
        const web = await startedWithWorker();
        await answered(50);
        await begin();
        await answered(200);
        await web.stop('SIGKILL');
        load.stop();
        await load.ended();
        const left = missing(load.answered, notes.lines()).length;
        expect(left).toBeGreaterThan(100);
        await end();
        await started();
        await answered(50);
        load.stop();
        await load.ended();
        await workedOff(load, notes);
        expect(missing(load.answered, notes.lines())).toEqual([]);
      },
    );

    it('stores each event once, also where Redis has done late what was asked of it in time', async () => {
      const queue = bullmqQueue({ connection: { url: redis.url }, worker: false });
      const handler = new CallbackHandler({
        ...baseOptions,
        queue,
        fallback: diskQueue({ dir: join(dir, 'queue') }),
        handlers: { [COMMAND]: queued(() => undefined) },
      });
      onTestFinished(async () => {
        redis.thaw();
        await handler.close({ timeoutMs: 0 });
      });
      await handler.ready();
      redis.freeze();
      const burst = Array.from({ length: 20 }, async () =>
        handler.receive(await callbackOf(COMMAND, sampleBody(COMMAND))),
      );
      const statuses = (await Promise.all(burst)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([200]));
      redis.thaw();
      await vi.waitFor(() => expect(handler.stats().fallback?.completed).toBe(20), PATIENCE);
      expect(await queue.queue.getJobCounts('waiting')).toEqual({ waiting: 20 });
    });

    it('starts while Redis is dead, and goes on by itself', async () => {
      await run('bullmq-worker').printed(/working/);
      await redis.kill();
      const web = await started();
      await answered(100);
      await redis.start();
      await handled();
      expectOnlyBusy(load.refused);
      expect(web.output).toMatch(/they go to the fallback/);
    });

    it.each(outages)('ends by itself while Redis is %s', async (_, begin) => {
      const web = await started();
      await begin();
      await answered(100);
      load.stop();
      await load.ended();
      expect(await web.stop('SIGTERM')).toBe(0);
      expect(web.output).toMatch(/closed true/);
    });

    it('loses events, and this test sees it, when they are forgotten before they are forwarded', async () => {
      const web = await startedWithWorker({ BROKEN: 'hurried' });
      await redis.kill();
      await answered(100);
      await web.stop('SIGKILL');
      load.stop();
      await load.ended();
      await redis.start();
      await started();
      load.stop();
      await load.ended();
      await workedOff(load, notes);
      expect(missing(load.answered, notes.lines()).length).toBeGreaterThan(0);
    });
  },
);

describe('with a small queue in memory and a disk', () => {
  it('answers a burst with 200, tells of it once, and handles every event once', async () => {
    const told: FailureReport[] = [];
    const handled: string[] = [];
    const handler = new CallbackHandler({
      ...baseOptions,
      queue: memoryQueue({ workers: 1, capacity: 4, assist: false }),
      fallback: diskQueue({ dir: join(dir, 'queue') }),
      onError: (report) => told.push(report),
      handlers: {
        [COMMAND]: queued(async (event) => {
          await sleep(1);
          handled.push(event.id);
        }),
      },
    });
    onTestFinished(async () => {
      await handler.close();
    });
    const burst = Array.from({ length: 200 }, async () =>
      handler.receive(await callbackOf(COMMAND, sampleBody(COMMAND))),
    );
    const statuses = (await Promise.all(burst)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await vi.waitFor(() => expect(handled.length).toBeGreaterThanOrEqual(200), PATIENCE);
    expect(new Set(handled).size).toBe(200);
    expect(handled).toHaveLength(200);
    const { accepted, completed, fallback } = handler.stats();
    expect(fallback?.accepted).toBeGreaterThan(100);
    expect(completed + (fallback?.completed ?? 0)).toBe(200);
    expect(accepted + (fallback?.accepted ?? 0)).toBe(200);
    expect(told.map(({ kind, error }) => [kind, error.code])).toEqual([['store', 'queue_full']]);
  });
});
