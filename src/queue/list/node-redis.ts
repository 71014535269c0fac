/** The list cache of a client of `redis` (node-redis), which is only typed here, never imported. */

import { ConfigurationError } from '../../base/errors.js';
import { type RedisCacheOptions, type RedisLink, RedisListCache } from './redis.js';

/** What is used of a client of `redis`. */
export interface NodeRedisClient extends NodeRedisConnection {
  duplicate(): NodeRedisConnection;
}

/** What is used of a connection of `redis`. */
export interface NodeRedisConnection {
  sendCommand(args: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect', listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
}

/**
 * Lists on Redis through a client of `redis` (node-redis 5 or later), which stays yours: you connect it and
 * close it; it is used for what does not wait. For what waits one connection is made with
 * `client.duplicate()`. Commands are sent as they are: a `keyPrefix` of the client is not put before the key.
 *
 * With node-redis' offline queue, which is on unless you set `disableOfflineQueue`, a push waits in the client
 * while Redis is away: the enqueue is refused in time, but the push may still be stored later.
 * @throws ConfigurationError `option_invalid` for what is no single-server client.
 */
export function redisCache(client: NodeRedisClient, options: RedisCacheOptions = {}): RedisListCache {
  if (typeof client?.sendCommand !== 'function' || !('isPubSubActive' in client)) {
    throw new ConfigurationError(
      'option_invalid',
      'redisCache needs what createClient of redis (node-redis) makes, not a cluster or pool and not one of another package',
    );
  }
  return new RedisListCache(
    (args) => client.sendCommand([...args]),
    () => connect(client),
    options,
  );
}

function connect(client: NodeRedisClient): RedisLink {
  const connection = client.duplicate();
  const end = new AbortController();
  const ready = new Promise<unknown>((resolve, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
    // `connect` itself tries for ever. Later errors are told by the command that waits.
    connection.on('error', reject);
    connection.connect().then(resolve, reject);
  });
  // While it connects the client has no socket yet to destroy, goes on, and may never say so.
  connection.on('connect', () => {
    if (end.signal.aborted) destroy(connection);
  });
  return {
    async send(args) {
      await ready;
      return connection.sendCommand([...args]);
    },
    close() {
      end.abort(new Error('the connection was closed'));
      destroy(connection);
    },
  };
}

function destroy(connection: NodeRedisConnection): void {
  try {
    connection.destroy();
  } catch {
    // node-redis 5: it was never open, or is closed already.
  }
}
