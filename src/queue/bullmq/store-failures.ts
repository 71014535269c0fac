/** Tells failures of the store: an outage once, and not at every attempt to reconnect. */

import { CallbackError } from '../../base/errors.js';
import type { QueueProblem } from '../queue.js';

/** For how long a failure must not have been seen before it is told again, in milliseconds. */
export const QUIET_MS = 10_000;

const FULL =
  'Redis is full (maxmemory): it stores no event and workers can take none, until it has memory again';

/** What to say of a failure of the store beyond its own text; `undefined` when there is nothing. */
export function plainWordsFor(cause: unknown): string | undefined {
  return String(cause).includes('OOM command not allowed') ? FULL : undefined;
}

/** Makes what is called when the store, or something that is called for it, failed. */
export function storeFailureTeller(
  tell: (problem: QueueProblem) => void,
  now: () => number,
): (cause: unknown) => void {
  /** When each failure was seen last. */
  const seen = new Map<string, number>();
  return (cause) => {
    const message = plainWordsFor(cause);
    const failure = message ?? String(cause);
    const time = now();
    for (const [known, last] of seen) if (time - last >= QUIET_MS) seen.delete(known);
    const isNew = !seen.has(failure);
    seen.set(failure, time);
    if (!isNew) return;
    const error =
      message === undefined
        ? CallbackError.from(cause, 'queue_failed')
        : new CallbackError('queue_failed', { message, cause });
    tell({ kind: 'store', error });
  };
}
