/** Keeps first answers in Redis, so that a repetition is known to every process. */

import { checkNames } from '../base/checks.js';
import { ConfigurationError } from '../base/errors.js';
import type { DedupeStore } from './memory-store.js';

/** A client of `ioredis`, or of `redis` (node-redis) that you connect. It stays yours. */
export type RedisDedupeClient =
  | { call(command: string, args: string[]): Promise<unknown> }
  | { readonly isOpen: boolean; sendCommand(args: string[]): Promise<unknown> };

/** Where the answers are. */
export interface RedisDedupeStoreOptions {
  /** What the keys begin with. Defaults to `qcloud-im:dedupe:`. */
  readonly prefix?: string;
}

const PREFIX = 'qcloud-im:dedupe:';

/**
 * Keeps answers in Redis until their time is over. While Redis is away events are handled all the same.
 * @throws ConfigurationError `option_invalid` when the client is neither of the two.
 */
export function redisDedupeStore(
  client: RedisDedupeClient,
  options: RedisDedupeStoreOptions = {},
): DedupeStore {
  checkNames('redisDedupeStore', options, { prefix: true });
  const { prefix = PREFIX } = options;
  const send = senderOf(client);
  return {
    async get(key) {
      const text = await send(['GET', prefix + key]);
      return typeof text === 'string' ? text : undefined;
    },
    async set(key, value, ttlMs) {
      await send(['SET', prefix + key, value, 'PX', String(Math.max(1, Math.round(ttlMs)))]);
    },
  };
}

function senderOf(client: RedisDedupeClient): (args: [string, ...string[]]) => Promise<unknown> {
  if (typeof client === 'object' && client !== null) {
    if ('isOpen' in client) return (args) => client.sendCommand(args);
    if ('call' in client) return ([command, ...args]) => client.call(command, args);
  }
  throw new ConfigurationError(
    'option_invalid',
    'redisDedupeStore needs a client of ioredis or of redis (node-redis)',
  );
}
