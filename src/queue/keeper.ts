/** What a receiver asks of whatever keeps its events: one queue, or one with a fallback. */

import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CloseOptions, CloseResult, QueueReport, QueueStats } from './queue.js';

/** Figures of a receiver's queue, and of its fallback where there is one. */
export interface ReceiverStats extends QueueStats {
  /** `accepted`: events that the queue did not take. `completed`: events that have left the fallback. */
  readonly fallback?: QueueStats;
}

/** How a queue is. */
export interface QueueHealth {
  /** `failing`: it could not be opened, or did not accept the last event, other than because it was full. */
  readonly state: 'opening' | 'open' | 'failing' | 'closed';
  /** Whether it has been opened. */
  readonly opened: boolean;
  /** Since when it fails. */
  readonly since?: Date;
  /** Why it fails. */
  readonly reason?: string;
  /** What it says of itself. */
  readonly details?: QueueReport['details'];
}

/** How the queues of a receiver are. */
export interface KeeperHealth {
  readonly queue: QueueHealth;
  /** Of `fallback`, where there is one. */
  readonly fallback?: QueueHealth;
  /** Whether events go to the fallback first, because the queue is away. */
  readonly fallbackInUse: boolean;
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
  health(): KeeperHealth;
  /** Closes once; later calls get the first one's result. */
  close(options: CloseOptions): Promise<CloseResult>;
}
