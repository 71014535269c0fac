/** Those who wait for room in a queue that is full. */

import type { CallbackError } from '../../base/errors.js';
import { LinkedList } from '../../base/linked-list.js';
import { LONGEST_TIMER_MS, type Timer } from '../../base/timers.js';
import type { EnqueueOptions } from '../queue.js';

interface Waiter<Item> {
  readonly item: Item;
  readonly settle: (failure?: CallbackError) => void;
}

/** Items without a place, first come first served. Each one's promise settles exactly once. */
export class Waiters<Item> {
  readonly #list = new LinkedList<Waiter<Item>>();

  /**
   * Resolves when `next` hands the item out. Rejects when its time is over, its signal aborts or `end` is
   * called; it is gone by then.
   * @param failure makes the error for the first two.
   */
  wait(item: Item, options: EnqueueOptions, failure: () => CallbackError): Promise<void> {
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
    // Written so that NaN, too, is no time at all.
    if (!(timeoutMs > 0)) return Promise.reject(failure());
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const giveUp = () => {
        this.#list.remove(link);
        settle(failure());
      };
      const settle = (error?: CallbackError) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        if (error === undefined) resolve();
        else reject(error);
      };
      const link = this.#list.push({ item, settle });
      signal?.addEventListener('abort', giveUp);
      if (timeoutMs !== Number.POSITIVE_INFINITY) {
        timer = setTimeout(giveUp, Math.min(timeoutMs, LONGEST_TIMER_MS));
      }
    });
  }

  /** Hands out whoever has waited longest. */
  next(): Item | undefined {
    const waiter = this.#list.shift();
    waiter?.settle();
    return waiter?.item;
  }

  /** Rejects all. */
  end(failure: () => CallbackError): void {
    for (let waiter = this.#list.shift(); waiter !== undefined; waiter = this.#list.shift()) {
      waiter.settle(failure());
    }
  }
}
