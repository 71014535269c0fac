/** The list cache of an `ioredis` client, which is only typed here, never imported. */

import { ConfigurationError } from '../../base/errors.js';
import { type RedisCacheOptions, type RedisLink, RedisListCache } from './redis.js';

/** What is used of a client of `ioredis`. */
export interface IoredisClient extends IoredisConnection {
  /** Makes a client with the same settings but these. */
  duplicate(override: typeof SETTINGS): IoredisConnection;
}

/** What is used of a connection of `ioredis`. */
export interface IoredisConnection {
  call(command: string, args: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  disconnect(): void;
}

/**
 * Settings of our connections. A command that was sent is never sent again, since it may have taken or stored an
 * item; a connection that broke stays so; and no limit of the client's ends a wait that Redis goes on with.
 */
const SETTINGS = {
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
 * Lists on Redis through a client of `ioredis` (5 or later), which stays yours: it is neither used nor closed. Two
 * connections with its settings are made with `client.duplicate()`: one waits for items, one pushes.
 * @throws ConfigurationError `option_invalid` for what is no single-server client.
 */
export function ioredisCache(client: IoredisClient, options: RedisCacheOptions = {}): RedisListCache {
  if (typeof client?.call !== 'function' || Reflect.get(client, 'isCluster') === true) {
    throw new ConfigurationError(
      'option_invalid',
      'ioredisCache needs a Redis client of ioredis, not a Cluster and not one of another package',
    );
  }
  return new RedisListCache((lost) => connect(client, lost), options);
}

function connect(client: IoredisClient, lost: () => void): RedisLink {
  const connection = client.duplicate(SETTINGS);
  // What is wrong with it is told by the commands that fail.
  connection.on('error', () => undefined);
  connection.on('end', lost);
  return {
    send: ([command = '', ...args]) => connection.call(command, args),
    close: () => connection.disconnect(),
  };
}
