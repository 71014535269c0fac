/** Subjects on a list in Redis: `listQueue` with both clients, beside the bare client. */

import type { RedisListCache } from '../../../src/redis.js';
import { built } from './built.js';
import { consumerOf, Tally } from './load.js';
import { type MakeSubject, WITHIN, WORKERS } from './subject.js';

const KEY = 'im';

/** Which client, and whether this process also handles what it puts in. */
interface ListPlan {
  readonly client: 'ioredis' | 'redis';
  readonly handles?: boolean;
}

interface Connected {
  readonly cache: RedisListCache;
  end(): void;
}

async function connect(client: ListPlan['client'], url: string): Promise<Connected> {
  const { ioredisCache, redisCache } = await built('redis');
  if (client === 'ioredis') {
    const { Redis } = await import('ioredis');
    const redis = new Redis(url);
    return { cache: ioredisCache(redis), end: () => redis.disconnect() };
  }
  const { createClient } = await import('redis');
  const redis = createClient({ url });
  await redis.connect();
  return { cache: redisCache(redis), end: () => redis.destroy() };
}

/** `listQueue`. */
export function list({ client, handles = false }: ListPlan): MakeSubject {
  return async ({ source, redisUrl }) => {
    const { listQueue } = await built('redis');
    const { cache, end } = await connect(client, redisUrl);
    const tally = new Tally();
    const queue = listQueue(cache, { key: KEY, workers: WORKERS });
    await queue.open();
    if (handles) queue.start(consumerOf(source, tally));
    return {
      accept: (event) => queue.enqueue(event, WITHIN),
      ...(handles ? { handled: (count: number) => tally.reach(count) } : {}),
      async end() {
        await queue.close();
        end();
      },
    };
  };
}

/** The same JSON, pushed by hand. */
export const bareRpush: MakeSubject = async ({ redisUrl }) => {
  const { Redis } = await import('ioredis');
  const redis = new Redis(redisUrl);
  return {
    accept: (event) => redis.rpush(KEY, JSON.stringify(event)),
    end: async () => redis.disconnect(),
  };
};
