/** Puts events on a list within the time of their callers. */

import { within } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import type { EnqueueOptions } from '../queue.js';
import type { ListCache } from './cache.js';
import type { ResolvedListOptions } from './options.js';

function tooLate(): CallbackError {
  return new CallbackError('queue_failed', {
    message: 'the list did not take the event in time; it may still be stored',
  });
}

/** Whoever waits for a push. */
interface Caller {
  gone: boolean;
}

/** The pushes of one queue. One that is late for its caller may still be stored: it is not ours any more then. */
export class Pushes {
  readonly #cache: ListCache;
  readonly #options: Pick<ResolvedListOptions, 'key' | 'capacity' | 'maxPending'>;
  #pending = 0;
  /** Who waits until none is under way. */
  #whenIdle: (() => void) | undefined;

  constructor(cache: ListCache, options: Pick<ResolvedListOptions, 'key' | 'capacity' | 'maxPending'>) {
    this.#cache = cache;
    this.#options = options;
  }

  /**
   * Resolves with what the store says of a push.
   * @throws CallbackError `queue_full`, or `queue_failed` when it failed or was late.
   */
  async push(text: string, { timeoutMs = Number.POSITIVE_INFINITY }: EnqueueOptions): Promise<unknown> {
    // Written so that NaN, too, is no time at all.
    if (!(timeoutMs > 0)) throw tooLate();
    const caller: Caller = { gone: false };
    return within(this.#store(text, caller), timeoutMs, () => {
      caller.gone = true;
      return tooLate();
    });
  }

  /** Resolves when no push is under way. Called once, when no other begins. */
  async idle(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
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
      if (this.#pending === 0) this.#whenIdle?.();
    }
  }
}
