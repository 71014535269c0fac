/** Redis is frozen, killed and started again under a receiver with the list queue, which goes on. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { listQueue } from '../../src/queue/list/list.js';
import type { EventQueue } from '../../src/queue/queue.js';
import { Program } from '../support/child.js';
import { Recorder, sampleEvent } from '../support/queue-events.js';
import { CLIENTS, type TestClient } from '../support/redis-clients.js';
import { findRedisProgram, RedisServer } from '../support/redis-server.js';
import { TOKEN } from './load.js';
import { surviveOutages } from './outages.js';

const PATIENCE = { timeout: 20_000, interval: 10 };

/** Longer than the receiver's deadline, and than a consumer's heartbeat. */
const AWAY_MS = 2_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Where only a Redis of somebody else is to be had, nobody may freeze it.
describe.skipIf(inject('redisUrl') === '' || findRedisProgram() === undefined)('while Redis is away', () => {
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await RedisServer.start({ durable: true });
  });

  afterEach(async () => {
    redis.thaw();
    await redis.end();
  });

  describe.each(Object.keys(CLIENTS))('a receiver with %s', (client) => {
    it('answers in time, loses no accepted event, and goes on by itself', { timeout: 60_000 }, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'crash-list-'));
      const file = join(dir, 'handled.txt');
      writeFileSync(file, '');
      const receiver = new Program('test/crash/receiver.ts', {
        NODE_OPTIONS: '--import tsx',
        QUEUE: 'list',
        HANDLED_FILE: file,
        HANDLER_MS: '2',
        WORKERS: '8',
        TOKEN,
        REDIS_URL: redis.url,
        REDIS_CLIENT: client,
        LIST_KEY: 'im',
      });
      const handled = () => new Set(readFileSync(file, 'utf8').split('\n').slice(0, -1));
      const start = async () => Number((await receiver.printed(/listening on (\d+)/))[1]);
      const stop = () => receiver.stop('SIGKILL');
      try {
        const answers = await surviveOutages({ store: redis, start, handled, awayMs: AWAY_MS, stop });
        const runs = readFileSync(file, 'utf8').split('\n').length - 1;
        console.log(`${client}: ${answers}, ${runs - handled().size} repeated`);
      } finally {
        rmSync(dir, { recursive: true });
      }
    });
  });

  describe.each(Object.entries(CLIENTS))('the queue itself with %s', (_, connect) => {
    let client: TestClient;

    beforeEach(async () => {
      client = await connect(redis.url);
    });

    afterEach(() => client.end());

    const takeAway = { frozen: async () => redis.freeze(), dead: () => redis.kill() };

    /** A queue whose only event is being handled, for ever. */
    async function busyQueue(mode: 'plain' | 'reliable'): Promise<EventQueue> {
      const queue = listQueue(client.cache(), { key: `im:${mode}`, mode, blockMs: 100 });
      const consumer = new Recorder(() => new Promise(() => undefined));
      await queue.open();
      queue.start(consumer);
      await queue.enqueue(sampleEvent('a'));
      await vi.waitFor(() => expect(consumer.running).toBe(1), PATIENCE);
      return queue;
    }

    it.each(['frozen', 'dead'] as const)(
      'refuses and closes within its time while Redis is %s',
      async (state) => {
        const queues = [await busyQueue('plain'), await busyQueue('reliable')];
        await takeAway[state]();
        await Promise.all(
          queues.map(async (queue) => {
            const begin = performance.now();
            await expect(queue.enqueue(sampleEvent('b'), { timeoutMs: 100 })).rejects.toMatchObject({
              code: 'queue_failed',
            });
            expect(performance.now() - begin).toBeLessThan(1_000);
            expect(await queue.close({ timeoutMs: 100 })).toEqual({
              drained: 0,
              remaining: [],
              timedOut: true,
            });
            expect(performance.now() - begin).toBeLessThan(4_000);
          }),
        );
      },
    );

    it('does not open while Redis is dead, and opens when it is back', { timeout: 30_000 }, async () => {
      const queue = listQueue(client.cache(), { key: 'im', blockMs: 100 });
      await redis.kill();
      await expect(queue.open()).rejects.toMatchObject({ code: 'queue_failed' });
      await redis.start();
      await queue.open();
      await queue.close();
    });

    it('tells of an outage once, and does not ask without a pause', async () => {
      const cache = client.cache();
      const wait = vi.spyOn(cache, 'blmove');
      const run = vi.spyOn(cache, 'run');
      const queue = listQueue(cache, { key: 'im', blockMs: 100 });
      const consumer = new Recorder();
      await queue.open();
      queue.start(consumer);
      await vi.waitFor(() => expect(wait).toHaveBeenCalled(), PATIENCE);
      await redis.kill();
      await vi.waitFor(() => expect(consumer.problems).not.toEqual([]), PATIENCE);
      const before = wait.mock.calls.length + run.mock.calls.length;
      await pause(1_000);
      expect(wait.mock.calls.length + run.mock.calls.length - before).toBeLessThan(12);
      expect(consumer.problems.map(({ kind, error }) => `${kind} ${error.code}`)).toEqual([
        'store queue_failed',
      ]);
      await redis.start();
      await queue.enqueue(sampleEvent('a'));
      await vi.waitFor(() => expect(consumer.completed).toEqual(['a']), PATIENCE);
      await queue.close();
    });
  });
});
