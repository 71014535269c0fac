/** Entry `qcloud-im-callback/redis`: the queue on a list that processes share, and the answers of `dedupe` in Redis. */

export { listQueue } from './queue/list.js';
export type { ListCache, ReliableListCache } from './queue/list-cache.js';
export { type IoredisClient, type IoredisConnection, ioredisCache } from './queue/list-ioredis.js';
export { type NodeRedisClient, type NodeRedisConnection, redisCache } from './queue/list-node-redis.js';
export type { ListQueueOptions } from './queue/list-options.js';
export type { RedisCacheOptions, RedisListCache } from './queue/list-redis.js';
export {
  type RedisDedupeClient,
  type RedisDedupeStoreOptions,
  redisDedupeStore,
} from './redis-dedupe-store.js';
