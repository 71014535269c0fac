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
 * Lists on Redis through a client of `redis` (node-redis 5 or later), which stays yours: it is neither used nor
 * closed, and need not be connected. Two connections with its settings are made with `client.duplicate()`: one
 * waits for items, one pushes. Commands are sent as they are: a `keyPrefix` of the client is not put before the key.
 * @throws ConfigurationError `option_invalid` for what is no single-server client.
 */
export function redisCache(client: NodeRedisClient, options: RedisCacheOptions = {}): RedisListCache {
  if (typeof client?.sendCommand !== 'function' || !('isPubSubActive' in client)) {
    throw new ConfigurationError(
      'option_invalid',
      'redisCache needs what createClient of redis (node-redis) makes, not a cluster or pool and not one of another package',
    );
  }
  return new RedisListCache((lost) => connect(client, lost), options);
}

/** The client's settings may tell it to connect again and for ever; it is destroyed at its first error instead. */
function connect(client: NodeRedisClient, lost: () => void): RedisLink {
  const connection = client.duplicate();
  const end = new AbortController();
  const ready = new Promise<unknown>((resolve, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
    connection.on('error', (error) => {
      reject(error);
      lost();
    });
    connection.connect().then(resolve, reject);
  });
  // Who sends waits for it, but nobody may have sent anything.
  ready.catch(() => undefined);
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
