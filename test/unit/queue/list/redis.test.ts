import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisCacheOptions, type RedisLink, RedisListCache } from '../../../../src/queue/list/redis.js';
import { gate } from '../../../support/list-store.js';

type Send = RedisLink['send'];

/** A cache whose connections are made here. */
function cacheWith(send: Send, options: RedisCacheOptions = {}) {
  const links: { sent: (readonly string[])[]; closed: number; lose: () => void }[] = [];
  const cache = new RedisListCache((lose) => {
    const link = { sent: [] as (readonly string[])[], closed: 0, lose };
    links.push(link);
    return {
      send: (args) => {
        link.sent.push(args);
        return send(args);
      },
      close: () => {
        link.closed += 1;
      },
    };
  }, options);
  return { cache, links };
}

describe('RedisListCache', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits on one connection and does everything else on another one', async () => {
    const { cache, links } = cacheWith(async ([name]) => (name === 'BLPOP' ? ['im', 'a'] : '7'));
    expect(await cache.blpop('im', 0.05)).toBe('a');
    expect(await cache.llen('im')).toBe(7);
    expect(await cache.rpush('im', 'a', 'b')).toBe('7');
    expect(await cache.blpop('im', 2)).toBe('a');
    expect(links.map(({ sent }) => sent)).toEqual([
      [
        ['BLPOP', 'im', '0.05'],
        ['BLPOP', 'im', '2'],
      ],
      [
        ['LLEN', 'im'],
        ['RPUSH', 'im', 'a', 'b'],
      ],
    ]);
  });

  it.each([null, undefined])('has no item where Redis says %s', async (reply) => {
    const { cache } = cacheWith(async () => reply);
    expect(await cache.blpop('im', 1)).toBeUndefined();
  });

  it('does not take for an item what is no text', async () => {
    const { cache } = cacheWith(async () => [1, 2]);
    await expect(cache.blpop('im', 1)).rejects.toThrow(TypeError);
  });

  it('makes a new connection after an error', async () => {
    const send = vi.fn<Send>().mockRejectedValueOnce(new Error('broken')).mockResolvedValue(['im', 'a']);
    const { cache, links } = cacheWith(send);
    await expect(cache.blpop('im', 1)).rejects.toThrow('broken');
    expect(await cache.blpop('im', 1)).toBe('a');
    expect(links.map(({ closed }) => closed)).toEqual([1, 0]);
  });

  it('keeps a connection over which others wait for a reply, although one command failed', async () => {
    const replies = [gate<unknown>(), gate<unknown>()];
    const left = replies.map(({ promise }) => promise);
    const { cache, links } = cacheWith(async () => left.shift());
    const first = expect(cache.rpush('im', 'a')).rejects.toThrow('no');
    const second = cache.rpush('im', 'b');
    replies[0]?.reject(new Error('no'));
    await first;
    expect(links[0]?.closed).toBe(0);
    replies[1]?.resolve(1);
    expect(await second).toBe(1);
    expect(links).toHaveLength(1);
  });

  it('makes a new connection when one was lost, and leaves that alone then', async () => {
    const { cache, links } = cacheWith(async () => 1);
    await cache.rpush('im', 'a');
    links[0]?.lose();
    await cache.rpush('im', 'b');
    links[0]?.lose();
    await cache.rpush('im', 'c');
    expect(links.map(({ sent, closed }) => [sent.length, closed])).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });

  it('takes a connection for dead whose reply is late by stallMs', async () => {
    const reply = gate<unknown>();
    const { cache, links } = cacheWith(() => reply.promise, { stallMs: 500 });
    const waiting = cache.blpop('im', 1);
    const pushing = expect(cache.rpush('im', 'a')).rejects.toThrow('closed');
    await vi.advanceTimersByTimeAsync(499);
    expect(links.map(({ closed }) => closed)).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(links.map(({ closed }) => closed)).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(links.map(({ closed }) => closed)).toEqual([1, 1]);
    reply.reject(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await pushing;
    expect(links.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it('waits as long as a timer can where it is told to wait for longer', async () => {
    const reply = gate<unknown>();
    const { cache, links } = cacheWith(() => reply.promise, { stallMs: 2_147_483_647 });
    const waiting = cache.blpop('im', 1_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(links[0]?.closed).toBe(0);
    reply.resolve(null);
    await waiting;
  });

  it('leaves no timer behind', async () => {
    const { cache } = cacheWith(async () => null);
    await cache.blpop('im', 1);
    await cache.rpush('im', 'a');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes its connections, and nothing where it has none', async () => {
    const { cache, links } = cacheWith(async () => null);
    cache.close();
    await cache.blpop('im', 1);
    await cache.rpush('im', 'a');
    cache.close();
    cache.close();
    expect(links.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it.each([0, 1.5, Number.NaN])('refuses the stallMs %d', (stallMs) => {
    expect(() => cacheWith(async () => null, { stallMs })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    );
  });
});
