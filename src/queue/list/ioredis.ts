/** The list cache of an `ioredis` client, which is only typed here, never imported. */

import { ConfigurationError } from '../../base/errors.js';
import { type RedisCacheOptions, type RedisLink, RedisListCache } from './redis.js';

/** What is used of a client of `ioredis`. */
export interface IoredisClient extends IoredisConnection {
  /** Makes a client with the same settings but these. */
  duplicate(override: typeof BLOCKING): IoredisConnection;
}

/** What is used of a connection of `ioredis`. */
export interface IoredisConnection {
  call(command: string, args: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  disconnect(): void;
}

/**
 * Settings of connections that wait. A command that was sent is never sent again, since it may have taken an
 * item; a connection that broke stays so; and no limit of the client's ends a wait that Redis goes on with.
 */
const BLOCKING = {
  retryStrategy: () => null,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: true,
  lazyConnect: false,
  commandTimeout: undefined,
  blockingTimeout: undefined,
  socketTimeout: undefined,
};

/**
 * Lists on Redis through a client of `ioredis` (5 or later), which stays yours: it is used for what does not
 * wait and is not closed. For what waits one connection is made with `client.duplicate()`.
 *
 * With ioredis' offline queue, which is on unless you switch it off, a push waits in the client while Redis is
 * away: the enqueue is refused in time, but the push may still be stored later.
 * @throws ConfigurationError `option_invalid` for what is no single-server client.
 */
export function ioredisCache(client: IoredisClient, options: RedisCacheOptions = {}): RedisListCache {
  if (typeof client?.call !== 'function' || Reflect.get(client, 'isCluster') === true) {
    throw new ConfigurationError(
      'option_invalid',
      'ioredisCache needs a Redis client of ioredis, not a Cluster and not one of another package',
    );
  }
  return new RedisListCache(
    ([command = '', ...args]) => client.call(command, args),
    () => connect(client),
    options,
  );
}

function connect(client: IoredisClient): RedisLink {
  const connection = client.duplicate(BLOCKING);
  // What is wrong with it is told by the command that waits.
  connection.on('error', () => undefined);
  return {
    send: ([command = '', ...args]) => connection.call(command, args),
    close: () => connection.disconnect(),
  };
}
