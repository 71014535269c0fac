/** The clients of both libraries fit, each where it belongs, without this package importing them. */

import type { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { describe, expectTypeOf, test } from 'vitest';
import type { DedupeStore } from '../../src/dedupe/memory-store.js';
import type { EventQueue } from '../../src/queue/queue.js';
import {
  ioredisCache,
  type ListCache,
  listQueue,
  type RedisListCache,
  redisCache,
  redisDedupeStore,
} from '../../src/redis.js';

declare const ioredis: Redis;
declare const ioredisCluster: Cluster;
const redis = () => createClient({ url: 'redis://127.0.0.1' });
const redis2 = () => createClient({ RESP: 2 });
const cluster = () => createCluster({ rootNodes: [] });

describe('clients', () => {
  test('fit the cache that is made for them', () => {
    expectTypeOf(ioredisCache(ioredis)).toEqualTypeOf<RedisListCache>();
    expectTypeOf(redisCache(redis())).toEqualTypeOf<RedisListCache>();
    expectTypeOf(redisCache(redis2())).toEqualTypeOf<RedisListCache>();
    expectTypeOf(redisCache(redis(), { stallMs: 1_000 })).toExtend<ListCache>();
  });

  test('do not fit the other one', () => {
    // @ts-expect-error a client of redis has no `call`
    ioredisCache(redis());
    // @ts-expect-error `sendCommand` of ioredis takes a Command
    redisCache(ioredis);
  });

  test('of clusters do not fit', () => {
    // @ts-expect-error `duplicate` of a Cluster takes start-up nodes
    ioredisCache(ioredisCluster);
    // @ts-expect-error `sendCommand` of a cluster takes a key first
    redisCache(cluster());
  });

  test('fit the store of de-duplication, both of them', () => {
    expectTypeOf(redisDedupeStore(ioredis)).toEqualTypeOf<DedupeStore>();
    expectTypeOf(redisDedupeStore(redis(), { prefix: 'a:' })).toEqualTypeOf<DedupeStore>();
    // @ts-expect-error it is no client
    redisDedupeStore({ get: () => '' });
  });
});

describe('a cache of your own', () => {
  test('may answer at once or later', () => {
    const cache = {
      blpop: (_key: string, _seconds: number): string | null => null,
      rpush: async (_key: string, ..._values: string[]) => 1,
      llen: (_key: string) => 0,
    };
    expectTypeOf(listQueue(cache, { key: 'im' })).toEqualTypeOf<EventQueue>();
  });

  test('needs the three verbs, and the queue a key', () => {
    // @ts-expect-error no llen
    listQueue({ blpop: () => null, rpush: () => 1 }, { key: 'im' });
    // @ts-expect-error no key
    listQueue(ioredisCache(ioredis), {});
  });
});
