/** The plain mode: three verbs, as the Go package has them. A crash loses what the process has taken. */

import type { Timer } from '../../base/timers.js';
import { Bag } from './bag.js';
import type { ListCache } from './cache.js';
import type { ResolvedListOptions } from './options.js';
import type { ListSource, SourceEvents } from './source.js';

/** Retries that wait in memory without keeping a worker; beyond, the worker waits with them. */
export const MAX_DELAYED = 1_000;

/*
 * An item that was taken is in `held` until it is settled. A retry is in `waiting`, then being pushed
 * (`returning`), and back in `waiting` when that failed. `leave` pushes what is held and what waits.
 */
export class PlainSource implements ListSource {
  readonly headReceivedAt = undefined;
  readonly #cache: ListCache;
  readonly #options: Pick<ResolvedListOptions, 'key' | 'blockMs' | 'pause'>;
  readonly #held = new Bag();
  readonly #waiting = new Map<Retry, Timer>();
  readonly #returning = new Set<Promise<void>>();
  #events: SourceEvents | undefined;
  #left = false;

  constructor(cache: ListCache, options: Pick<ResolvedListOptions, 'key' | 'blockMs' | 'pause'>) {
    this.#cache = cache;
    this.#options = options;
  }

  get delayed(): number {
    return this.#waiting.size;
  }

  async probe(): Promise<unknown> {
    return this.#cache.llen(this.#options.key);
  }

  start(events: SourceEvents): void {
    this.#events = events;
  }

  async take(_max: number, wait: boolean): Promise<readonly string[]> {
    const { key, blockMs } = this.#options;
    // Zero seconds would be for ever.
    if (!wait && (await this.#cache.llen(key)) === 0) return [];
    const text = await this.#cache.blpop(key, blockMs / 1000);
    if (text === null || text === undefined) return [];
    if (this.#left) {
      await this.#giveBack([text]);
      return [];
    }
    this.#held.add(text);
    return [text];
  }

  async done(text: string): Promise<void> {
    this.#held.delete(text);
  }

  async retry(text: string, next: string, waitMs: number): Promise<void> {
    const full = this.#waiting.size >= MAX_DELAYED;
    const returned = new Promise<void>((resolve) =>
      this.#later({ text: next, failures: 0, resolve }, waitMs),
    );
    this.#held.delete(text);
    if (full) await returned;
  }

  async putAside(list: 'dead' | 'invalid', text: string, next: string): Promise<void> {
    await this.#cache.rpush(`${this.#options.key}:${list}`, next);
    this.#held.delete(text);
  }

  async leave(): Promise<void> {
    this.#left = true;
    await Promise.all(this.#returning);
    const texts = [...this.#held];
    for (const [retry, timer] of this.#waiting) {
      clearTimeout(timer);
      texts.push(retry.text);
      retry.resolve();
    }
    if (texts.length > 0) await this.#giveBack(texts);
  }

  async #giveBack(texts: readonly string[]): Promise<void> {
    await this.#cache.rpush(this.#options.key, ...texts);
  }

  #later(retry: Retry, waitMs: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(retry);
      const returning = this.#return(retry).finally(() => this.#returning.delete(returning));
      this.#returning.add(returning);
    }, waitMs);
    this.#waiting.set(retry, timer);
  }

  /** Never rejects. */
  async #return(retry: Retry): Promise<void> {
    try {
      await this.#giveBack([retry.text]);
    } catch (thrown) {
      retry.failures += 1;
      this.#later(retry, this.#options.pause(retry.failures));
      this.#events?.failed(thrown);
      return;
    }
    retry.resolve();
  }
}

interface Retry {
  readonly text: string;
  readonly resolve: () => void;
  /** How often it could not be pushed. */
  failures: number;
}
