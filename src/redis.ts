/** Entry `qcloud-im-callback/redis`: the queue on a list that processes share, and the answers of `dedupe` in Redis. */

export {
  type RedisDedupeClient,
  type RedisDedupeStoreOptions,
  redisDedupeStore,
} from './dedupe/redis-store.js';
export type { ListCache } from './queue/list/cache.js';
export { type IoredisClient, type IoredisConnection, ioredisCache } from './queue/list/ioredis.js';
export { listQueue } from './queue/list/list.js';
export { type NodeRedisClient, type NodeRedisConnection, redisCache } from './queue/list/node-redis.js';
export type { ListQueueOptions } from './queue/list/options.js';
export type { RedisCacheOptions, RedisListCache } from './queue/list/redis.js';
