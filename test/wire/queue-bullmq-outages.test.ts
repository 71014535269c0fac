/** What a full Redis, a frozen one and one that is gone look like to those who run a BullMQ queue on it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bullmqQueue, createWorker } from '../../src/bullmq.js';
import { CallbackHandler, type FailureReport, queued } from '../../src/core.js';
import { diskQueue } from '../../src/disk.js';
import { sampleBody } from '../../src/testing.js';
import { Recorder, sampleEvent } from '../support/queue-events.js';
import { findRedisProgram, RedisServer } from '../support/redis-server.js';
import { baseOptions, callbackOf } from '../support/requests.js';

const COMMAND = 'Group.CallbackAfterSendMsg';
const PATIENCE = { timeout: 15_000, interval: 10 };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Where only a Redis of somebody else is to be had, nobody may fill or freeze it.
describe.skipIf(findRedisProgram() === undefined)('bullmqQueue and createWorker', () => {
  let redis: RedisServer;
  let admin: Redis;
  let dir: string;
  let closing: { close(options: { timeoutMs: number }): Promise<unknown> }[];

  beforeEach(async () => {
    redis = await RedisServer.start({ durable: true });
    admin = new Redis(redis.url);
    admin.on('error', () => undefined);
    dir = mkdtempSync(join(tmpdir(), 'bullmq-outages-'));
    closing = [];
  });

  afterEach(async () => {
    redis.thaw();
    for (const one of closing) await one.close({ timeoutMs: 1_000 });
    admin.disconnect();
    await redis.end();
    rmSync(dir, { recursive: true });
  });

  it('say once that Redis is full, refuse nothing where there is a fallback, and lose nothing', async () => {
    const connection = { url: redis.url };
    const told: FailureReport[] = [];
    const im = new CallbackHandler({
      ...baseOptions,
      queue: bullmqQueue({ connection, worker: false }),
      fallback: diskQueue({ dir }),
      handlers: { [COMMAND]: queued(() => undefined) },
      onError: (report) => told.push(report),
    });
    closing.push(im);
    await im.ready();
    let sent = 0;
    const send = async (): Promise<void> => {
      sent += 1;
      const big = { ...sampleBody(COMMAND), GroupId: String(sent), Filling: 'x'.repeat(10_000) };
      const { status } = await im.receive(await callbackOf(COMMAND, big));
      expect(status).toBe(200);
    };
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await admin.config('SET', 'maxmemory', used + 300_000);
    await vi.waitFor(async () => {
      await send();
      expect(im.stats().fallback?.accepted).toBeGreaterThanOrEqual(20);
    }, PATIENCE);
    const consumer = new Recorder();
    const worker = createWorker(consumer, { connection });
    closing.push(worker);
    await worker.ready();
    await vi.waitFor(() => expect(consumer.problems).not.toEqual([]), PATIENCE);
    for (let more = 0; more < 20; more += 1) await send();
    // Time for a second report, if there were one.
    await pause(1_000);
    expect(consumer.begun).toEqual([]);
    expect(consumer.problems.map(({ kind, error }) => [kind, error.message])).toEqual([
      ['store', expect.stringMatching(/^queue_failed: Redis is full \(maxmemory\)/)],
    ]);
    expect(told.map(({ kind, error }) => [kind, String(error.cause)])).toEqual([
      ['store', expect.stringContaining('Redis is full (maxmemory)')],
    ]);

    await admin.config('SET', 'maxmemory', 0);
    await vi.waitFor(() => expect(worker.stats().completed).toBe(sent), PATIENCE);
    expect(new Set(consumer.completed).size).toBe(sent);
  });

  it('tell a job whose lock ran out while Redis was frozen as one second run, and lose nothing', async () => {
    const connection = { url: redis.url };
    const queue = bullmqQueue({ connection, worker: false });
    await queue.open();
    closing.push(queue);
    const consumer = new Recorder(() => pause(200));
    const workerOptions = { lockDuration: 500, stalledInterval: 300 };
    const worker = createWorker(consumer, { connection, workers: 4, workerOptions });
    closing.push(worker);
    for (const id of ['a', 'b', 'c', 'd']) await queue.enqueue(sampleEvent(id));
    await vi.waitFor(() => expect(consumer.running).toBe(4), PATIENCE);
    redis.freeze();
    await pause(1_500);
    redis.thaw();
    await vi.waitFor(() => expect(worker.stats().completed).toBe(4), PATIENCE);
    expect(consumer.told.toSorted()).toEqual(['retry a', 'retry b', 'retry c', 'retry d']);
    expect(consumer.begun).toHaveLength(8);
  });

  it('warn of nothing while Redis is gone, however many workers there are', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    try {
      const connection = { url: redis.url };
      const consumer = new Recorder(() => pause(20));
      const queue = bullmqQueue({ connection, worker: false });
      await queue.open();
      closing.push(queue);
      for (let index = 0; index < 12; index += 1) {
        closing.push(
          createWorker(consumer, {
            connection,
            workerOptions: { lockDuration: 1_000, stalledInterval: 500 },
          }),
        );
      }
      await Promise.all(Array.from({ length: 100 }, (_, index) => queue.enqueue(sampleEvent(`${index}`))));
      await redis.kill();
      await pause(3_000);
      await redis.start();
      await vi.waitFor(() => expect(new Set(consumer.completed).size).toBe(100), PATIENCE);
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
    }
  });
});
