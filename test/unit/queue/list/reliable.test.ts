/** The reliable source on real Redis: what is moved, kept, found again and returned. */

import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { CallbackError } from '../../../../src/base/errors.js';
import type { ReliableListCache } from '../../../../src/queue/list/cache.js';
import { resolveListOptions } from '../../../../src/queue/list/options.js';
import { ReliableSource } from '../../../../src/queue/list/reliable.js';
import { TAKE, TICK } from '../../../../src/queue/list/scripts.js';
import { sampleEvent } from '../../../support/queue-events.js';
import { freshKey, ioredisClient, removeKeys, type TestClient } from '../../../support/redis-clients.js';

const url = inject('redisUrl');
const item = (id: string, more = ''): string =>
  JSON.stringify(sampleEvent(id, {}, 12))
    .slice(0, -1)
    .concat(more, '}');
const ids = (texts: unknown): unknown[] =>
  (texts as string[]).map((text) => (JSON.parse(text) as { Id: unknown }).Id);

describe.skipIf(url === '')('ReliableSource', () => {
  let client: TestClient;
  let key: string;
  let sources: ReliableSource[];

  beforeEach(async () => {
    client = await ioredisClient(url);
    key = freshKey();
    sources = [];
  });

  afterEach(async () => {
    for (const source of sources) await source.leave(true);
    await removeKeys(client, key);
    client.end();
  });

  function make(cache: ReliableListCache = client.cache(), options: object = {}): ReliableSource {
    const source = new ReliableSource(
      cache,
      resolveListOptions(cache, { key, blockMs: 50, aliveMs: 200, ...options }),
    );
    sources.push(source);
    return source;
  }

  const failed = vi.fn();
  const ignored = { failed, dead: vi.fn() };
  const push = (...items: string[]) => client.send('RPUSH', key, ...items);
  const list = (name = ''): Promise<unknown> => client.send('LRANGE', key + name, '0', '-1');
  const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 5_000, interval: 5 });

  /** A consumer that is killed: it took items, and there is no heartbeat any more. */
  async function deadConsumer(...items: string[]): Promise<void> {
    await client.send('SADD', `${key}:consumers`, 'gone');
    if (items.length > 0) await client.send('RPUSH', `${key}:processing:gone`, ...items);
  }

  it('takes as many as it is asked for, in order, and has none after blockMs', async () => {
    const source = make();
    await push(item('a'), item('b'), item('c'));
    expect(ids(await source.take(2, true))).toEqual(['a', 'b']);
    expect(ids(await source.take(2, true))).toEqual(['c']);
    for (const wait of [true, false]) expect(await source.take(2, wait)).toEqual([]);
  });

  it('waits for an item that is not there yet', async () => {
    const source = make(undefined, { blockMs: 5_000, aliveMs: 15_000 });
    const taking = source.take(1, true);
    await push(item('a'));
    expect(ids(await taking)).toEqual(['a']);
  });

  it('keeps what it has taken in a list of its own until it is done', async () => {
    const source = make();
    await push(item('a'), item('b'));
    await source.take(2, true);
    const [processing] = (await client.send('KEYS', `${key}:processing:*`)) as string[];
    expect(ids(await client.send('LRANGE', String(processing), '0', '-1'))).toEqual(['a', 'b']);
    await source.done(item('a'));
    expect(ids(await client.send('LRANGE', String(processing), '0', '-1'))).toEqual(['b']);
    await source.done(item('b'));
    expect(await client.send('KEYS', `${key}:processing:*`)).toEqual([]);
  });

  it('keeps a retry apart until its time has come, then puts it at the front', async () => {
    const source = make();
    source.start(ignored);
    await push(item('a'), item('b'));
    await source.take(1, true);
    await source.retry(item('a'), item('a', ',"Runs":1,"Returns":0'), 60);
    expect(source.delayed).toBe(1);
    expect(ids(await list())).toEqual(['b']);
    await until(async () => expect(ids(await list())).toEqual(['a', 'b']));
    expect(source.delayed).toBe(0);
  });

  it('brings the retry of a consumer that has left when its time has come', async () => {
    const first = make();
    await push(item('a'));
    await first.take(1, true);
    await first.retry(item('a'), item('a', ',"Runs":1,"Returns":0'), 100);
    await first.leave(true);
    // Its own heartbeats would come too late.
    const second = make(undefined, { blockMs: 3_000, aliveMs: 60_000 });
    expect(ids(await second.take(1, true))).toEqual(['a']);
  });

  it('puts aside under keys of their own, and does nothing where somebody else has the item by now', async () => {
    const source = make();
    await push(item('a'), item('b'), item('c'));
    await source.take(3, true);
    await source.putAside('dead', item('a'), item('a'));
    await source.putAside('dead', item('a'), item('a'));
    await source.putAside('invalid', item('b'), item('b'));
    await source.retry(item('b'), item('b'), 1);
    expect(ids(await list(':dead'))).toEqual(['a']);
    expect(ids(await list(':invalid'))).toEqual(['b']);
    expect(await client.send('ZCARD', `${key}:delayed`)).toBe(0);
  });

  it('gives back in order what is not settled, and is forgotten', async () => {
    const source = make();
    await push(item('a'), item('b'), item('c'), item('d'));
    await source.take(3, true);
    await source.done(item('b'));
    await source.leave(true);
    expect(ids(await list())).toEqual(['a', 'c', 'd']);
    expect(await client.send('KEYS', `${key}:*`)).toEqual([]);
    sources = [];
  });

  it('stays known for a while when a wait of its may still be open', async () => {
    const source = make();
    await source.take(1, true);
    await source.leave(false);
    expect(await client.send('SCARD', `${key}:consumers`)).toBe(1);
    const [alive] = (await client.send('KEYS', `${key}:alive:*`)) as string[];
    expect(Number(await client.send('PTTL', String(alive)))).toBeGreaterThan(900);
  });

  it('leaves also when its last heartbeat failed, and takes nothing after it has left', async () => {
    const cache = client.cache();
    const source = make(cache);
    const run = cache.run.bind(cache);
    let fail: (error: Error) => void = () => undefined;
    vi.spyOn(cache, 'run').mockImplementation((script, keys, args) =>
      script === TICK
        ? new Promise((_, reject) => {
            fail = reject;
          })
        : run(script, keys, args),
    );
    const taking = source.take(1, true).catch((thrown: Error) => thrown.message);
    const left = source.leave(true);
    fail(new Error('away'));
    await left;
    expect(await taking).toBe('away');
    vi.restoreAllMocks();
    await push(item('a'));
    expect(await source.take(1, true)).toEqual([]);
    expect(ids(await list())).toEqual(['a']);
    sources = [];
  });

  it('returns what a dead consumer had, in order, counted, and forgets that consumer', async () => {
    await push(item('c'));
    await deadConsumer(item('a'), item('b', ',"Runs":3,"Returns":1'), 'no event');
    const source = make();
    source.start(ignored);
    await until(async () => expect(await client.send('SISMEMBER', `${key}:consumers`, 'gone')).toBe(0));
    expect(await list()).toEqual([
      item('a', ',"Runs":1,"Returns":1'),
      item('b', ',"Runs":4,"Returns":2'),
      'no event',
      item('c'),
    ]);
  });

  it('puts an item that was returned too often among the dead, and tells', async () => {
    await deadConsumer(item('a', ',"Runs":5,"Returns":2'), item('b'));
    const source = make(undefined, { maxReturns: 2 });
    const told: [string, CallbackError][] = [];
    source.start({ failed, dead: (text, error) => told.push([text, error]) });
    await until(() => expect(told).toHaveLength(1));
    expect(told[0]?.[0]).toBe(item('a', ',"Runs":6,"Returns":3'));
    expect(told[0]?.[1].code).toBe('handler_failed');
    expect(await list(':dead')).toEqual([item('a', ',"Runs":6,"Returns":3')]);
    expect(ids(await list())).toEqual(['b']);
  });

  it('does not take a consumer for dead at the first look, nor one that has a heartbeat again', async () => {
    const other = make();
    await push(item('a'));
    await other.take(1, true);
    // As after an outage of Redis that was longer than a life: the heartbeats are gone, the consumers are not.
    for (const alive of (await client.send('KEYS', `${key}:alive:*`)) as string[])
      await client.send('DEL', alive);
    const cache = client.cache();
    const run = vi.spyOn(cache, 'run');
    const source = make(cache, { aliveMs: 600 });
    source.start(ignored);
    await until(() => expect(run).toHaveBeenCalledTimes(2));
    other.start(ignored);
    await until(() => expect(run.mock.calls.length).toBeGreaterThanOrEqual(6));
    expect(await list()).toEqual([]);
    expect(await client.send('SCARD', `${key}:consumers`)).toBe(2);
  });

  it('looks for the dead at the pace of heartbeats, also when retries make it look at the list more often', async () => {
    await deadConsumer(item('a'));
    const cache = client.cache();
    const source = make(cache, { aliveMs: 3_000 });
    const run = vi.spyOn(cache, 'run');
    source.start(ignored);
    await until(() => expect(run).toHaveBeenCalledTimes(2));
    await source.retry('x', 'x', 10);
    await source.retry('x', 'x', 40);
    await until(() => expect(run.mock.calls.filter(([script]) => script === TICK).length).toBeGreaterThan(1));
    expect(await list()).toEqual([]);
    expect(await client.send('SISMEMBER', `${key}:consumers`, 'gone')).toBe(1);
  });

  it('finds items again that were given to it with a reply that was lost', async () => {
    const cache = client.cache();
    const source = make(cache);
    await push(item('a'), item('b'), item('c'), item('d'));
    expect(ids(await source.take(1, true))).toEqual(['a']);
    const run = cache.run.bind(cache);
    vi.spyOn(cache, 'run').mockImplementationOnce(async (script, keys, args) => {
      expect(script).toBe(TAKE);
      await run(script, keys, args);
      throw new Error('the reply is lost');
    });
    await expect(source.take(2, true)).rejects.toThrow('lost');
    expect(ids(await source.take(1, true))).toEqual(['b']);
    expect(ids(await source.take(5, true))).toEqual(['c']);
    expect(ids(await source.take(5, true))).toEqual(['d']);
  });

  it('finds also those of which it never heard, by the length of its list', async () => {
    await push(item('a'));
    const source = make(undefined, { aliveMs: 150 });
    source.start(ignored);
    await source.take(1, true);
    const [processing] = (await client.send('KEYS', `${key}:processing:*`)) as string[];
    await client.send('RPUSH', String(processing), item('z'));
    const found: unknown[] = [];
    await until(async () => {
      found.push(...ids(await source.take(5, true)));
      expect(found).toEqual(['z']);
    });
  });

  it('sends a heartbeat before it waits when the last one is old, or the clock went back', async () => {
    let now = 1_000;
    const cache = client.cache();
    const run = vi.spyOn(cache, 'run');
    const source = make(cache, { now: () => now, aliveMs: 1_000 });
    const ticks = () => run.mock.calls.filter(([script]) => script === TICK).length;
    await source.take(1, false);
    now += 499;
    await source.take(1, false);
    expect(ticks()).toBe(1);
    now += 1;
    await source.take(1, false);
    expect(ticks()).toBe(2);
    now -= 5_000;
    await source.take(1, false);
    expect(ticks()).toBe(3);
  });

  it('tells when a heartbeat failed, and goes on', async () => {
    const cache = client.cache();
    const run = cache.run.bind(cache);
    let away = true;
    vi.spyOn(cache, 'run').mockImplementation(async (...args) => {
      if (away) throw new Error('away');
      return run(...args);
    });
    failed.mockClear();
    make(cache, { aliveMs: 150 }).start(ignored);
    await until(() => expect(failed).toHaveBeenCalled());
    away = false;
    await until(async () => expect(await client.send('SCARD', `${key}:consumers`)).toBe(1));
  });

  it('knows when the first event of the list was received', async () => {
    const source = make();
    await source.take(1, false);
    expect(source.headReceivedAt).toBeUndefined();
    await push(item('a', ',"Runs":1,"Returns":0'), item('b'));
    source.start(ignored);
    await until(() => expect(source.headReceivedAt).toBe(12));
  });

  it('reads nothing into replies that are none', async () => {
    const strange: ReliableListCache = {
      blpop: () => undefined,
      rpush: () => undefined,
      llen: () => 0,
      blmove: () => null,
      run: () => null,
    };
    const source = make(strange);
    source.start(ignored);
    expect(await source.take(1, true)).toEqual([]);
    await source.probe();
    expect(source).toMatchObject({ delayed: 0, headReceivedAt: undefined });
  });
});
