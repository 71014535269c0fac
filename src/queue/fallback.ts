/** A queue and the one that stands in when it does not accept an event. */

import { settledWithin, within } from '../base/bounded-wait.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import { type Timer, unref } from '../base/timers.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { createBackoff } from './backoff.js';
import { Breaker } from './breaker.js';
import { forwarderTo } from './forward.js';
import type { Bounds, EventKeeper, KeeperHealth, ReceiverStats } from './keeper.js';
import { boundsOf, LazyQueue, tooLate } from './lazy.js';
import {
  type CloseOptions,
  type CloseResult,
  closeMs,
  type EventConsumer,
  type EventQueue,
} from './queue.js';

/** The share of an event's time that is kept for the second of the two queues. */
const SECOND_SHARE = 1 / 3;

/** The least that is kept for it, in milliseconds: a busy disk takes tens of them, and a hundred with `sync`. */
const SECOND_MIN_MS = 300;

/** How long `ready` waits for the queue, in milliseconds. Short, because events wait for `ready`. */
export const OPEN_MS = 500;

/** Waits between attempts to open the queue. */
const OPEN_BACKOFF = { initialMs: 1_000, maxMs: 10_000, jitter: 'equal' } as const;

/*
 *   event → queue ─accepted──────────→ handlers
 *             │ not accepted, or away      ↑
 *             └──→ fallback ───────────────┘  through the queue again (forward.ts), or,
 *                                             where the queue is in memory, from here
 *
 * A queue in memory forgets with the process, so an event that the fallback has does not go back to it.
 *
 * While the queue is away (breaker.ts) the fallback comes first and the queue second.
 */
export class FallbackPair implements EventKeeper {
  readonly #breaker: Breaker;
  readonly #queue: LazyQueue;
  readonly #fallback: LazyQueue;
  readonly #openAgainMs = createBackoff(OPEN_BACKOFF, Math.random);
  #openFailures = 0;
  #openAgain: Timer | undefined;
  #closing: Promise<CloseResult> | undefined;

  constructor(queue: EventQueue, fallback: EventQueue, consumer: EventConsumer) {
    this.#breaker = new Breaker((problem) => consumer.report(problem));
    this.#queue = new LazyQueue(queue, consumer);
    this.#fallback = new LazyQueue(
      fallback,
      this.#queue.isVolatile ? consumer : forwarderTo(this.#queue, this.#breaker, consumer),
    );
  }

  /** Rejects when the fallback cannot be opened. A queue that cannot is away, as one that accepts nothing. */
  async ready(): Promise<void> {
    await Promise.all([this.#fallback.ready(), settledWithin(this.#openQueue(), OPEN_MS)]);
  }

  /** Tries again until it is open: events that the queue keeps from before must run, though no other comes. */
  async #openQueue(): Promise<void> {
    try {
      await this.#queue.ready();
      this.#breaker.hasOpened();
    } catch (thrown) {
      if (this.#closing !== undefined) return;
      this.#breaker.hasFailed(CallbackError.from(thrown, 'queue_failed'));
      this.#openFailures += 1;
      clearTimeout(this.#openAgain);
      this.#openAgain = setTimeout(() => this.#openQueue(), this.#openAgainMs(this.#openFailures));
      unref(this.#openAgain);
    }
  }

  async enqueue(event: AnyCallbackEvent, bounds: Bounds): Promise<void> {
    const queueFirst = this.#breaker.mayTry();
    const first = queueFirst ? this.#offerQueue : this.#offerFallback;
    const second = queueFirst ? this.#offerFallback : this.#offerQueue;
    let refusal: CallbackError;
    try {
      return await first(event, firstShare(bounds.leftMs()));
    } catch (thrown) {
      refusal = CallbackError.from(thrown, 'queue_failed');
      if (refusal.code === 'closing') throw refusal;
    }
    try {
      await second(event, bounds.leftMs());
    } catch (thrown) {
      const { code } = CallbackError.from(thrown, 'queue_failed');
      const message = 'neither the queue nor its fallback accepted the event';
      throw new CallbackError(code, { message, cause: new AggregateError([refusal, thrown], message) });
    }
  }

  readonly #offerQueue = async (event: AnyCallbackEvent, ms: number): Promise<void> => {
    try {
      await offer(this.#queue, event, ms);
      this.#breaker.hasAccepted();
    } catch (thrown) {
      const error = CallbackError.from(thrown, 'queue_failed');
      if (error.code !== 'closing') this.#breaker.hasFailed(error);
      throw error;
    }
  };

  readonly #offerFallback = (event: AnyCallbackEvent, ms: number): Promise<void> =>
    offer(this.#fallback, event, ms);

  get isVolatile(): boolean {
    return this.#queue.isVolatile || this.#fallback.isVolatile;
  }

  async idle(): Promise<void> {
    // In this order: what leaves the fallback may go to the queue.
    await this.#fallback.idle();
    await this.#queue.idle();
  }

  stats(): ReceiverStats {
    return { ...this.#queue.stats(), fallback: this.#fallback.stats() };
  }

  health(): KeeperHealth {
    const { queue: fallback } = this.#fallback.health();
    return { ...this.#queue.health(), fallback, fallbackInUse: this.#breaker.away };
  }

  close(options: CloseOptions): Promise<CloseResult> {
    this.#closing ??= this.#close(closeMs(options));
    clearTimeout(this.#openAgain);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<CloseResult> {
    if (this.#queue.isVolatile) {
      const both = [this.#queue, this.#fallback].map((queue) => queue.close({ timeoutMs }));
      return merged(await Promise.all(both));
    }
    const until = performance.now() + timeoutMs;
    // The next process forwards what is left, so handlers that run now come first. A fallback in memory leaves nothing.
    const vain = this.#breaker.away && !this.#fallback.isVolatile;
    const forwardMs = vain ? 0 : timeoutMs / 2;
    const kept = this.#fallback.close({ timeoutMs: forwardMs }, timeoutMs);
    await settledWithin(kept, timeoutMs);
    const closed = await this.#queue.close({ timeoutMs: Math.max(0, until - performance.now()) });
    // Forwarded is not done.
    return merged([closed, { ...(await kept), drained: 0 }]);
  }
}

/** How long the first queue may take, in milliseconds: all but what is kept for the second, and at least half. */
function firstShare(leftMs: number): number {
  return leftMs - Math.min(leftMs / 2, Math.max(SECOND_MIN_MS, leftMs * SECOND_SHARE));
}

async function offer(queue: LazyQueue, event: AnyCallbackEvent, ms: number): Promise<void> {
  const accepted = queue.enqueue(event, boundsOf(ms));
  if (isThenable(accepted)) await within(accepted, ms, tooLate);
}

function merged(results: readonly CloseResult[]): CloseResult {
  return {
    drained: results.reduce((sum, { drained }) => sum + drained, 0),
    remaining: results.flatMap(({ remaining }) => remaining),
    timedOut: results.some(({ timedOut }) => timedOut),
  };
}
