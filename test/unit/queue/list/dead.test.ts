/** The queue in reliable mode on real Redis, where something else died. */

import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { listQueue } from '../../../../src/queue/list/list.js';
import { Recorder, sampleEvent } from '../../../support/queue-events.js';
import { freshKey, ioredisClient, removeKeys, type TestClient } from '../../../support/redis-clients.js';

const url = inject('redisUrl');
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 5 });

describe.skipIf(url === '')('listQueue, reliable', () => {
  let client: TestClient;
  let key: string;

  beforeEach(async () => {
    client = await ioredisClient(url);
    key = freshKey();
  });

  afterEach(async () => {
    await removeKeys(client, key);
    client.end();
  });

  it('reports as dead, with its event where it is one, what was out of returns', async () => {
    const text = JSON.stringify(sampleEvent('a')).slice(0, -1).concat(',"Runs":2,"Returns":2}');
    await client.send('SADD', `${key}:consumers`, 'gone');
    await client.send('RPUSH', `${key}:processing:gone`, text, '{"Other":1}');
    const queue = listQueue(client.cache(), { key, blockMs: 50, aliveMs: 150, maxReturns: 0 });
    const consumer = new Recorder();
    await queue.open();
    queue.start(consumer);
    await until(() => expect(consumer.problems).toHaveLength(2));
    expect(consumer.told.toSorted()).toEqual(['dead a', 'dead undefined']);
    expect(consumer.problems.map(({ attempt }) => attempt).toSorted()).toEqual([1, 3]);
    expect(consumer.begun).toEqual([]);
    expect(queue.stats()).toMatchObject({ dead: 2, failed: 0 });
    await queue.close();
    expect(await client.send('LLEN', `${key}:dead`)).toBe(2);
  });

  it('counts runs that ended with their process, but not as failures of the handler', async () => {
    const text = JSON.stringify(sampleEvent('a')).slice(0, -1).concat(',"Runs":4,"Returns":4}');
    await client.send('RPUSH', key, text);
    const attempts: number[] = [];
    const consumer = new Recorder((_, { attempt }) => {
      attempts.push(attempt);
      throw new Error('broken');
    });
    const queue = listQueue(client.cache(), {
      key,
      blockMs: 50,
      attempts: 2,
      backoff: { initialMs: 1, maxMs: 1 },
    });
    await queue.open();
    queue.start(consumer);
    await until(() => expect(consumer.told).toEqual(['retry a', 'dead a']));
    expect(attempts).toEqual([5, 6]);
    await until(() => expect(queue.stats()).toMatchObject({ failed: 2, retried: 1, dead: 1, active: 0 }));
    await queue.close();
  });

  it('does not open where the server cannot move, and says what to do', async () => {
    const cache = client.cache();
    vi.spyOn(cache, 'run').mockRejectedValue(new Error('ERR Unknown Redis command called from script'));
    const queue = listQueue(cache, { key });
    await expect(queue.open()).rejects.toMatchObject({
      code: 'queue_failed',
      message: expect.stringContaining("mode: 'plain'"),
    });
  });

  it('shares the events of one list among queues, and each is handled once', async () => {
    const consumers = [new Recorder(), new Recorder()];
    const queues = consumers.map((consumer) => {
      const queue = listQueue(client.cache(), { key, blockMs: 50, workers: 2 });
      return queue.open().then(() => {
        queue.start(consumer);
        return queue;
      });
    });
    const [first, second] = await Promise.all(queues);
    for (let number = 0; number < 100; number += 1) await first?.enqueue(sampleEvent(String(number)));
    await until(() => expect(consumers.flatMap(({ completed }) => completed)).toHaveLength(100));
    expect(new Set(consumers.flatMap(({ completed }) => completed)).size).toBe(100);
    expect(Math.min(...consumers.map(({ completed }) => completed.length))).toBeGreaterThan(0);
    await Promise.all([first?.close(), second?.close()]);
    expect(await client.send('KEYS', `${key}*`)).toEqual([]);
  });
});
