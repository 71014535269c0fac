/** Keeps the first answers of events, so that repetitions get them again. */

import { createLRU } from 'lru.min';
import { checkNames, wholeNumber } from '../base/checks.js';

/** Where first answers are kept. An implementation may fail: the event is then handled, and the failure reported. */
export interface DedupeStore {
  /** The text kept under a key, if it is still there. */
  get(key: string): string | undefined | Promise<string | undefined>;
  /** Keeps a text for some milliseconds. */
  set(key: string, value: string, ttlMs: number): void | Promise<void>;
}

/** Bound of the store in memory. */
export interface MemoryDedupeStoreOptions {
  /** Most answers that are kept; the one that was used longest ago makes room. Defaults to 10,000. */
  readonly max?: number;
}

const MAX_ANSWERS = 10_000;

/**
 * Keeps answers in the memory of this process: repetitions that reach another process are not known.
 * @throws ConfigurationError `option_invalid` when `max` is no whole number above 0.
 */
export function memoryDedupeStore(options: MemoryDedupeStoreOptions = {}): DedupeStore {
  checkNames('memoryDedupeStore', options, { max: true });
  const max = wholeNumber('max of memoryDedupeStore', options.max, { fallback: MAX_ANSWERS, min: 1 });
  const answers = createLRU<string, { readonly value: string; readonly until: number }>({ max });
  return {
    get(key) {
      const answer = answers.get(key);
      return answer !== undefined && performance.now() < answer.until ? answer.value : undefined;
    },
    set(key, value, ttlMs) {
      answers.set(key, { value, until: performance.now() + ttlMs });
    },
  };
}
