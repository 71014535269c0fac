/** The caches of both clients on real connections, and on none. */

import { setImmediate, setTimeout } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type IoredisClient, ioredisCache } from '../../../../src/queue/list/ioredis.js';
import { type NodeRedisClient, redisCache } from '../../../../src/queue/list/node-redis.js';
import { CLIENTS, freshKey, removeKeys } from '../../../support/redis-clients.js';

const url = inject('redisUrl');

const invalid = expect.objectContaining({ code: 'option_invalid' });

describe.skipIf(url === '').each(Object.entries(CLIENTS))('the cache of a client of %s', (_, connect) => {
  it('has the verbs of the Go package', async () => {
    const client = await connect(url);
    const key = freshKey();
    const cache = client.cache();
    expect(await cache.rpush(key, 'a', 'b')).toBe(2);
    expect(await cache.llen(key)).toBe(2);
    expect(await cache.blpop(key, 1)).toBe('a');
    expect(await cache.blpop(key, 1)).toBe('b');
    expect(await cache.blpop(key, 0.01)).toBeUndefined();
    await cache.close();
    await removeKeys(client, key);
    client.end();
  });

  it('makes a new connection, when there is something to send, for one that was lost', async () => {
    const admin = await connect(url);
    const key = freshKey();
    const client = await connect(url, key);
    const cache = client.cache();
    const pushers = async (): Promise<string[]> => {
      const list = String(await admin.send('CLIENT', 'LIST')).split('\n');
      const ours = list.filter((line) => line.includes(` name=${key} `) && line.includes(' cmd=rpush '));
      return ours.flatMap((line) => /^id=(\d+) /.exec(line)?.[1] ?? []);
    };
    await cache.rpush(key, 'a');
    const [id = ''] = await pushers();
    const connections = () =>
      admin.send('CLIENT', 'LIST').then((list) => String(list).split(` name=${key} `).length - 1);
    expect(await connections()).toBe(2);
    await admin.send('CLIENT', 'KILL', 'ID', id);
    // Longer than a client takes that connects again by itself.
    await setTimeout(150);
    expect(await connections()).toBe(1);
    expect(await cache.rpush(key, 'b')).toBe(2);
    cache.close();
    await removeKeys(admin, key);
    client.end();
    admin.end();
  });

  it('pushes while it waits, and its wait ends with close', async () => {
    const client = await connect(url);
    const key = freshKey();
    const cache = client.cache();
    const waiting = cache.blpop(key, 20);
    await cache.rpush(`${key}:2`, 'not behind the wait');
    expect(await cache.llen(`${key}:2`)).toBe(1);
    // Closed while it still connects, and once it waits.
    cache.close();
    await expect(waiting).rejects.toThrow();
    // Another key: Redis may not know yet that nobody waits on the first one any more.
    const again = cache.blpop(`${key}:3`, 20);
    await cache.rpush(`${key}:3`, 'a');
    expect(await again).toBe('a');
    const last = expect(cache.blpop(key, 20)).rejects.toThrow();
    cache.close();
    await last;
    await removeKeys(client, key);
    client.end();
  });
});

it.skipIf(url === '')(
  'a wait of redis that is closed at any moment ends, and its connection too',
  async () => {
    const name = freshKey();
    const client = await createClient({ url, name }).connect();
    const cache = redisCache(client);
    for (let turns = 0; turns < 40; turns += 1) {
      const waiting = expect(cache.blpop(name, 20)).rejects.toThrow();
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      cache.close();
      await waiting;
    }
    const connections = async (): Promise<number> => {
      const list = String(await client.sendCommand(['CLIENT', 'LIST']));
      return list.split('\n').filter((line) => line.includes(` name=${name} `)).length;
    };
    await expect.poll(connections).toBe(1);
    client.destroy();
  },
);

describe('a wait where nobody listens', () => {
  const port = 1;
  const ends: (() => void)[] = [];

  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it('fails at once with ioredis, each time, and nothing goes on trying', async () => {
    const client = new Redis({ port, lazyConnect: true });
    ends.push(() => client.disconnect());
    const cache = ioredisCache(client);
    await expect(cache.blpop('im', 20)).rejects.toThrow();
    await expect(cache.blpop('im', 20)).rejects.toThrow();
  });

  it('fails at once with redis, each time, and nothing goes on trying', async () => {
    const cache = redisCache(createClient({ socket: { host: '127.0.0.1', port } }));
    await expect(cache.blpop('im', 20)).rejects.toThrow();
    await expect(cache.blpop('im', 20)).rejects.toThrow();
  });
});

describe('what is no client', () => {
  const cluster = new Cluster([{ port: 1 }], { lazyConnect: true });

  it.each([undefined, {}, createClient(), cluster])('is refused by ioredisCache: %#', (client) => {
    expect(() => ioredisCache(client as unknown as IoredisClient)).toThrow(invalid);
  });

  it.each([undefined, {}, new Redis({ lazyConnect: true }), createCluster({ rootNodes: [{}] })])(
    'is refused by redisCache: %#',
    (client) => {
      expect(() => redisCache(client as unknown as NodeRedisClient)).toThrow(invalid);
    },
  );
});
