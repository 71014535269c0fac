/** The list queues of the crash tests, on the Redis of REDIS_URL, with a client by name. */

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { ListCache } from '../../src/queue/list/cache.js';
import { ioredisCache } from '../../src/queue/list/ioredis.js';
import { listQueue } from '../../src/queue/list/list.js';
import { redisCache } from '../../src/queue/list/node-redis.js';
import type { EventQueue } from '../../src/queue/queue.js';

/** Soon there again when Redis is. */
const reconnectMs = (times: number): number => Math.min(50 * times, 500);

async function cacheOf(client: string, url: string): Promise<ListCache> {
  if (client === 'ioredis') {
    const ioredis = new Redis(url, { retryStrategy: reconnectMs });
    ioredis.on('error', () => undefined);
    return ioredisCache(ioredis);
  }
  const redis = createClient({ url, socket: { reconnectStrategy: reconnectMs } });
  redis.on('error', () => undefined);
  await redis.connect();
  return redisCache(redis);
}

/** Makes the list queue of this process; settings that are missing make it fail. */
export async function listFromSettings(): Promise<EventQueue> {
  const { REDIS_URL = '', REDIS_CLIENT = '', LIST_KEY = '', WORKERS } = process.env;
  const cache = await cacheOf(REDIS_CLIENT, REDIS_URL);
  return listQueue(cache, { key: LIST_KEY, blockMs: 100, workers: Number(WORKERS) });
}
