/** What a receiver asks of whatever keeps its events: one queue, or one with a fallback. */

import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CloseOptions, CloseResult, QueueStats } from './queue.js';

/** Figures of a receiver's queue, and of its fallback where there is one. */
export interface ReceiverStats extends QueueStats {
  /** `accepted`: events that the queue did not take. `completed`: events that have left the fallback. */
  readonly fallback?: QueueStats;
}

/** How long an event may take to be accepted. */
export interface Bounds {
  /** Milliseconds that are left; at least 0. */
  readonly leftMs: () => number;
}

/** The queues of a receiver, opened when they are needed. */
export interface EventKeeper {
  /** Resolves when events are accepted; rejects with a coded error when what keeps them cannot be opened. */
  ready(): Promise<void>;
  /**
   * Returns, or resolves, when the event is accepted. May settle after its time: whoever calls it does not wait
   * that long.
   * @throws CallbackError `queue_full`, `queue_failed` or `closing`: it was not accepted.
   */
  enqueue(event: AnyCallbackEvent, bounds: Bounds): void | Promise<void>;
  /** Whether accepted events are lost when the process ends. */
  readonly isVolatile: boolean;
  /** Resolves when the process may end without losing an accepted event. */
  idle(): Promise<void>;
  stats(): ReceiverStats;
  /** Closes once; later calls get the first one's result. */
  close(options: CloseOptions): Promise<CloseResult>;
}
