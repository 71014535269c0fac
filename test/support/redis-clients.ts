/** Real clients of the tests' Redis, both libraries alike. */

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { RedisDedupeClient } from '../../src/dedupe/redis-store.js';
import { ioredisCache } from '../../src/queue/list/ioredis.js';
import { redisCache } from '../../src/queue/list/node-redis.js';
import type { RedisListCache } from '../../src/queue/list/redis.js';

/** A connected client, whichever library it is of. */
export interface TestClient {
  readonly client: RedisDedupeClient;
  /** A new cache on it. */
  cache(): RedisListCache;
  /** Sends a command. */
  send(...args: [string, ...string[]]): Promise<unknown>;
  end(): void;
}

/**
 * Makes a client of `ioredis`.
 * @param name What Redis shall call its connections.
 */
export async function ioredisClient(url: string, name?: string): Promise<TestClient> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: (times) => Math.min(50 * times, 200),
    ...(name === undefined ? {} : { connectionName: name }),
  });
  // Tests take Redis away.
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    cache: () => ioredisCache(client),
    send: (command, ...args) => client.call(command, args),
    end: () => client.disconnect(),
  };
}

/** Makes a client of `redis` (node-redis). */
export async function nodeRedisClient(url: string, name?: string): Promise<TestClient> {
  const client = createClient({
    url,
    socket: { reconnectStrategy: (times) => Math.min(50 * times, 200) },
    ...(name === undefined ? {} : { name }),
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    cache: () => redisCache(client),
    send: (...args) => client.sendCommand(args),
    end: () => client.destroy(),
  };
}

/** Both, by name. */
export const CLIENTS = { ioredis: ioredisClient, redis: nodeRedisClient } as const;

/** A key that no other test has. */
export function freshKey(): string {
  return `qcloud-im-test:{${randomUUID()}}`;
}

/** Removes a key and those that begin with it. */
export async function removeKeys({ send }: TestClient, key: string): Promise<void> {
  const keys = await send('KEYS', `${key}*`);
  if (Array.isArray(keys) && keys.length > 0) await send('DEL', ...keys.map(String));
}
