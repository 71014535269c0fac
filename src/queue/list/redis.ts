/** The verbs of a list on Redis, for any client: a client is what makes connections. */

import { checkNames, wholeNumber } from '../../base/checks.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import type { ListCache } from './cache.js';

/**
 * One connection of ours. It never reconnects and never sends a command twice: the command may have been carried
 * out. When something is wrong with it, it is closed and another one made.
 */
export interface RedisLink {
  /** Sends a command and gives its reply. */
  send(args: readonly string[]): Promise<unknown>;
  /** Ends it; what waits for a reply rejects. Called once. Must not throw. */
  close(): void;
}

/**
 * Makes a connection.
 * @param lost Called, later, when the connection has ended by itself.
 */
export type Connect = (lost: () => void) => RedisLink;

/** How a client is used. */
export interface RedisCacheOptions {
  /**
   * Milliseconds that the reply to a command may be late before its connection is taken for dead and replaced.
   * Defaults to 30,000.
   */
  readonly stallMs?: number | undefined;
}

const STALL_MS = 30_000;

/** Lists on Redis. What waits for items has a connection of its own, or the pushes behind it would wait. */
export class RedisListCache implements ListCache {
  readonly #stallMs: number;
  readonly #waiting: Line;
  readonly #pushing: Line;

  /** @throws ConfigurationError `option_invalid` */
  constructor(connect: Connect, options: RedisCacheOptions) {
    checkNames('the cache of listQueue', options, { stallMs: true });
    this.#stallMs = wholeNumber('stallMs', options.stallMs, {
      fallback: STALL_MS,
      min: 1,
      max: LONGEST_TIMER_MS,
    });
    this.#waiting = new Line(connect);
    this.#pushing = new Line(connect);
  }

  async blpop(key: string, seconds: number): Promise<string | undefined> {
    const args = ['BLPOP', key, String(seconds)];
    const reply = await this.#waiting.send(args, seconds * 1000 + this.#stallMs);
    return itemFrom(Array.isArray(reply) ? reply[1] : reply);
  }

  rpush(key: string, ...values: string[]): Promise<unknown> {
    return this.#pushing.send(['RPUSH', key, ...values], this.#stallMs);
  }

  async llen(key: string): Promise<number> {
    return Number(await this.#pushing.send(['LLEN', key], this.#stallMs));
  }

  close(): void {
    this.#waiting.close();
    this.#pushing.close();
  }
}

/** A link that is there. */
interface Live {
  readonly link: RedisLink;
  /** Commands whose replies have not come. */
  pending: number;
}

/** Commands in their order, over one link after the other. */
class Line {
  readonly #connect: Connect;
  #live: Live | undefined;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** @param ms How long the reply may take before the link is taken for dead. */
  async send(args: readonly string[], ms: number): Promise<unknown> {
    this.#live ??= this.#open();
    const live = this.#live;
    const stalled = setTimeout(() => this.#drop(live), Math.min(ms, LONGEST_TIMER_MS));
    live.pending += 1;
    try {
      return await live.link.send(args);
    } catch (thrown) {
      // Whatever it was, a fresh link is no worse; but others may still get their replies over this one.
      if (live.pending === 1) this.#drop(live);
      throw thrown;
    } finally {
      clearTimeout(stalled);
      live.pending -= 1;
    }
  }

  close(): void {
    this.#drop(this.#live);
  }

  #open(): Live {
    const live: Live = { link: this.#connect(() => this.#drop(live)), pending: 0 };
    return live;
  }

  #drop(live: Live | undefined): void {
    if (live === undefined || this.#live !== live) return;
    this.#live = undefined;
    live.link.close();
  }
}

function itemFrom(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined;
  if (typeof reply === 'string') return reply;
  throw new TypeError('Redis gave an item that is no text; the client must not map replies to other types');
}
