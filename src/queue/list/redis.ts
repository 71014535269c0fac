/** The verbs of a list on Redis, for any client: a client is what sends a command and makes a connection. */

import { wholeNumber } from '../../base/checks.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import type { ReliableListCache } from './cache.js';

/** Sends a command and gives its reply. */
export type Send = (args: readonly string[]) => Promise<unknown>;

/** One connection of ours. It never reconnects: when something is wrong with it, it is closed and another one made. */
export interface RedisLink {
  readonly send: Send;
  /** Ends it; what waits for a reply rejects. Called once. Must not throw. */
  close(): void;
}

/** How a client is used. */
export interface RedisCacheOptions {
  /**
   * Milliseconds that the reply of a waiting command may be late before its connection is taken for dead and
   * replaced. Default 30,000.
   */
  readonly stallMs?: number;
}

export const STALL_MS = 30_000;

/** Lists on Redis. Commands that wait have a connection of their own, or the pushes behind them would wait. */
export class RedisListCache implements ReliableListCache {
  readonly #send: Send;
  readonly #connect: () => RedisLink;
  readonly #stallMs: number;
  #link: RedisLink | undefined;

  /**
   * @param send for commands that do not wait.
   * @param connect makes a connection for those that do.
   * @throws ConfigurationError `option_invalid`
   */
  constructor(send: Send, connect: () => RedisLink, options: RedisCacheOptions) {
    this.#send = send;
    this.#connect = connect;
    this.#stallMs = wholeNumber('stallMs', options.stallMs, {
      fallback: STALL_MS,
      min: 1,
      max: LONGEST_TIMER_MS,
    });
  }

  async blpop(key: string, seconds: number): Promise<string | undefined> {
    const reply = await this.#wait(['BLPOP', key, String(seconds)], seconds);
    return itemFrom(Array.isArray(reply) ? reply[1] : reply);
  }

  async blmove(from: string, to: string, seconds: number): Promise<string | undefined> {
    return itemFrom(await this.#wait(['BLMOVE', from, to, 'LEFT', 'RIGHT', String(seconds)], seconds));
  }

  async rpush(key: string, ...values: string[]): Promise<unknown> {
    return this.#send(['RPUSH', key, ...values]);
  }

  async llen(key: string): Promise<number> {
    return Number(await this.#send(['LLEN', key]));
  }

  async run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#send(['EVAL', script, String(keys.length), ...keys, ...args]);
  }

  close(): void {
    this.#drop(this.#link);
  }

  async #wait(args: readonly string[], seconds: number): Promise<unknown> {
    this.#link ??= this.#connect();
    const link = this.#link;
    const stalled = setTimeout(() => this.#drop(link), seconds * 1000 + this.#stallMs);
    try {
      return await link.send(args);
    } catch (thrown) {
      // Whatever it was: a fresh connection is no worse.
      this.#drop(link);
      throw thrown;
    } finally {
      clearTimeout(stalled);
    }
  }

  #drop(link: RedisLink | undefined): void {
    if (link === undefined || this.#link !== link) return;
    this.#link = undefined;
    link.close();
  }
}

function itemFrom(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined;
  if (typeof reply === 'string') return reply;
  throw new TypeError('Redis gave an item that is no text; the client must not map replies to other types');
}
