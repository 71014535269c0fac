/** Puts events on a list within the time of their callers. */

import { CallbackError } from '../../base/errors.js';
import { LONGEST_TIMER_MS, type Timer } from '../../base/timers.js';
import type { EnqueueOptions } from '../queue.js';
import type { ListCache } from './cache.js';
import type { ResolvedListOptions } from './options.js';

/** Whoever waits for a push. */
interface Caller {
  gone: boolean;
}

/** The pushes of one queue. One that is late for its caller may still be stored: it is not ours any more then. */
export class Pushes {
  readonly #cache: ListCache;
  readonly #options: Pick<ResolvedListOptions, 'key' | 'capacity' | 'maxPending'>;
  #pending = 0;

  constructor(cache: ListCache, options: Pick<ResolvedListOptions, 'key' | 'capacity' | 'maxPending'>) {
    this.#cache = cache;
    this.#options = options;
  }

  /**
   * Resolves with what the store says of a push.
   * @throws CallbackError `queue_full`, or `queue_failed` when it failed, was late, or nobody waits any more.
   */
  push(text: string, { timeoutMs = Number.POSITIVE_INFINITY }: EnqueueOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const caller: Caller = { gone: false };
      let timer: Timer | undefined;
      const end = (): void => {
        clearTimeout(timer);
      };
      const giveUp = (): void => {
        caller.gone = true;
        end();
        const message = 'the list did not take the event in time; it may still be stored';
        reject(new CallbackError('queue_failed', { message }));
      };
      // Written so that NaN, too, is no time at all.
      if (!(timeoutMs > 0)) return giveUp();
      if (timeoutMs !== Number.POSITIVE_INFINITY) {
        timer = setTimeout(giveUp, Math.min(timeoutMs, LONGEST_TIMER_MS));
      }
      this.#store(text, caller).then(resolve, reject).finally(end);
    });
  }

  async #store(text: string, caller: Caller): Promise<unknown> {
    const { key, capacity, maxPending } = this.#options;
    if (this.#pending >= maxPending) {
      throw new CallbackError('queue_full', { message: 'too many events wait for the list to take them' });
    }
    this.#pending += 1;
    try {
      if (capacity < Number.MAX_SAFE_INTEGER && (await this.#cache.llen(key)) >= capacity) {
        throw new CallbackError('queue_full');
      }
      return caller.gone ? undefined : await this.#cache.rpush(key, text);
    } catch (cause) {
      throw CallbackError.from(cause, 'queue_failed');
    } finally {
      this.#pending -= 1;
    }
  }
}
