/** Redis is frozen, killed and started again under a receiver with the list queue, which goes on. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { listQueue } from '../../src/queue/list/list.js';
import { Program } from '../support/child.js';
import { idsOf, Recorder, sampleEvent } from '../support/queue-events.js';
import { CLIENTS, type TestClient } from '../support/redis-clients.js';
import { findRedisProgram, RedisServer } from '../support/redis-server.js';
import { TOKEN } from './load.js';
import { surviveOutages } from './outages.js';

const PATIENCE = { timeout: 20_000, interval: 10 };

/** Longer than the receiver's deadline. */
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
    it('answers in time, loses at most the event that was on its way, and goes on by itself', {
      timeout: 60_000,
    }, async () => {
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
        const answers = await surviveOutages({
          store: redis,
          start,
          handled,
          awayMs: AWAY_MS,
          mayLose: 1,
          stop,
        });
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

    it.each([
      ['frozen', []],
      ['dead', ['a']],
    ] as const)('refuses and closes within its time while Redis is %s', async (state, given) => {
      const queue = listQueue(client.cache(), { key: 'im', blockMs: 100 });
      const consumer = new Recorder(() => new Promise(() => undefined));
      await queue.open();
      queue.start(consumer);
      await queue.enqueue(sampleEvent('a'));
      await vi.waitFor(() => expect(consumer.running).toBe(1), PATIENCE);
      await takeAway[state]();
      const refused = queue.enqueue(sampleEvent('b'), { timeoutMs: 100 });
      await expect(refused).rejects.toMatchObject({ code: 'queue_failed' });
      const begin = performance.now();
      const { remaining, ...result } = await queue.close({ timeoutMs: 1_000 });
      const tookMs = performance.now() - begin;
      // What Redis may have taken back is not handed over as well.
      expect(idsOf(remaining)).toEqual(given);
      expect(result).toEqual({ drained: 0, timedOut: true });
      console.log(`closed in ${Math.round(tookMs)} ms of 1,000 while Redis was ${state}`);
      // The unit tests look at the time itself; this leaves room for a slow machine.
      expect(tookMs).toBeLessThan(30_000);
      expect(consumer.told.at(-1)).toBe('store undefined');
    });

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
      const wait = vi.spyOn(cache, 'blpop');
      const queue = listQueue(cache, { key: 'im', blockMs: 100 });
      const consumer = new Recorder();
      await queue.open();
      queue.start(consumer);
      await vi.waitFor(() => expect(wait).toHaveBeenCalled(), PATIENCE);
      await redis.kill();
      await vi.waitFor(() => expect(consumer.problems).not.toEqual([]), PATIENCE);
      const before = wait.mock.calls.length;
      await pause(1_000);
      expect(wait.mock.calls.length - before).toBeLessThan(12);
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
