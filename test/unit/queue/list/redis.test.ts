import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type RedisCacheOptions,
  type RedisLink,
  RedisListCache,
  type Send,
} from '../../../../src/queue/list/redis.js';
import { gate } from '../../../support/list-store.js';

/** A cache whose connections are made here. */
function cacheWith(waiting: Send, options: RedisCacheOptions = {}) {
  const links: (RedisLink & { closed: number })[] = [];
  const send = vi.fn<Send>(async () => '7');
  const cache = new RedisListCache(
    send,
    () => {
      const link = {
        send: waiting,
        closed: 0,
        close() {
          link.closed += 1;
        },
      };
      links.push(link);
      return link;
    },
    options,
  );
  return { cache, links, send };
}

describe('RedisListCache', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends what does not wait through the client', async () => {
    const { cache, send, links } = cacheWith(async () => null);
    expect(await cache.llen('im')).toBe(7);
    await cache.rpush('im', 'a', 'b');
    await cache.run('return 1', ['k1', 'k2'], ['x']);
    expect(send.mock.calls.map(([args]) => args)).toEqual([
      ['LLEN', 'im'],
      ['RPUSH', 'im', 'a', 'b'],
      ['EVAL', 'return 1', '2', 'k1', 'k2', 'x'],
    ]);
    expect(links).toEqual([]);
  });

  it('waits on one connection of its own', async () => {
    const waiting = vi.fn<Send>(async ([name]) => (name === 'BLPOP' ? ['im', 'a'] : 'b'));
    const { cache, links, send } = cacheWith(waiting);
    expect(await cache.blpop('im', 0.05)).toBe('a');
    expect(await cache.blmove('im', 'other', 2)).toBe('b');
    expect(waiting.mock.calls.map(([args]) => args)).toEqual([
      ['BLPOP', 'im', '0.05'],
      ['BLMOVE', 'im', 'other', 'LEFT', 'RIGHT', '2'],
    ]);
    expect(links).toHaveLength(1);
    expect(send).not.toHaveBeenCalled();
  });

  it.each([null, undefined])('has no item where Redis says %s', async (reply) => {
    const { cache } = cacheWith(async () => reply);
    expect(await cache.blpop('im', 1)).toBeUndefined();
    expect(await cache.blmove('im', 'other', 1)).toBeUndefined();
  });

  it('does not take for an item what is no text', async () => {
    const { cache } = cacheWith(async () => [1, 2]);
    await expect(cache.blpop('im', 1)).rejects.toThrow(TypeError);
    await expect(cache.blmove('im', 'other', 1)).rejects.toThrow(TypeError);
  });

  it('makes a new connection after an error', async () => {
    const waiting = vi.fn<Send>().mockRejectedValueOnce(new Error('broken')).mockResolvedValue(['im', 'a']);
    const { cache, links } = cacheWith(waiting);
    await expect(cache.blpop('im', 1)).rejects.toThrow('broken');
    expect(await cache.blpop('im', 1)).toBe('a');
    expect(links.map(({ closed }) => closed)).toEqual([1, 0]);
  });

  it('takes a connection for dead whose reply is late by stallMs', async () => {
    const reply = gate<unknown>();
    const { cache, links } = cacheWith(() => reply.promise, { stallMs: 500 });
    const waiting = cache.blpop('im', 1);
    await vi.advanceTimersByTimeAsync(1_499);
    expect(links[0]?.closed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(links[0]?.closed).toBe(1);
    reply.reject(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    expect(links[0]?.closed).toBe(1);
  });

  it('leaves no timer behind', async () => {
    const { cache } = cacheWith(async () => null);
    await cache.blpop('im', 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes its connection, and nothing where it has none', async () => {
    const { cache, links } = cacheWith(async () => null);
    cache.close();
    await cache.blpop('im', 1);
    cache.close();
    cache.close();
    expect(links.map(({ closed }) => closed)).toEqual([1]);
  });

  it.each([0, 1.5, Number.NaN])('refuses the stallMs %d', (stallMs) => {
    expect(() => cacheWith(async () => null, { stallMs })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    );
  });
});
