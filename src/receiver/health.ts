/** How a receiver is: what probes, load balancers and people ask for. */

import type { CallbackErrorCode } from '../base/errors.js';
import type { KeeperHealth } from '../queue/keeper.js';
import type { Vitals } from './vitals.js';

/** How a receiver is. Times are milliseconds. */
export interface Health extends KeeperHealth {
  /**
   * Whether it takes callbacks: it was opened and does not close. Stays so while the queue fails, which other processes
   * with the same queue would see as well: look at `queue` for that.
   */
  readonly ready: boolean;
  /** Whether it is about to end, so that no other callbacks should be sent to it. */
  readonly closing: boolean;
  /** Time since the last request, whoever has sent it. Absent before the first. */
  readonly sinceCallbackMs?: number;
  /** Time since the last request that was verified. Absent before the first. */
  readonly sinceTrustedMs?: number;
  /** Requests that were refused or failed in the last minute, and the code that most of them got. */
  readonly refused: { readonly count: number; readonly code?: CallbackErrorCode };
  /** How many results of handlers have come after the answer. */
  readonly lateResults: number;
  /** How many requests each token has signed, by its position in `token`: whether the old one may go. */
  readonly tokens: readonly number[];
}

/** Puts together how a receiver is. */
export function healthOf(
  keeper: KeeperHealth,
  vitals: Vitals,
  { hasSchemas, closing }: { readonly hasSchemas: boolean; readonly closing: boolean },
): Health {
  const now = performance.now();
  const { count, code } = vitals.refusals();
  const isOpen = keeper.queue.opened || keeper.fallback?.opened === true;
  return {
    ready: isOpen && hasSchemas && !closing,
    closing,
    ...keeper,
    ...(Number.isFinite(vitals.lastAt) ? { sinceCallbackMs: now - vitals.lastAt } : {}),
    ...(Number.isFinite(vitals.lastTrustedAt) ? { sinceTrustedMs: now - vitals.lastTrustedAt } : {}),
    refused: { count, ...(code === undefined ? {} : { code }) },
    lateResults: vitals.lateResults,
    tokens: vitals.tokens(),
  };
}
