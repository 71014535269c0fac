/** A queue and the one that stands in when it does not accept an event. */

import { Late, settledWithin, within } from '../base/bounded-wait.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import { type Timer, timerMs, unref } from '../base/timers.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { createBackoff } from './backoff.js';
import { Outage } from './breaker.js';
import { forwarderTo } from './forward.js';
import type { Bounds, EventKeeper, ReceiverStats } from './keeper.js';
import { LazyQueue, tooLate } from './lazy.js';
import {
  CLOSE_TIMEOUT_MS,
  type CloseOptions,
  type CloseResult,
  type EventConsumer,
  type EventQueue,
} from './queue.js';

/** The part of an event's time that the second of the two queues gets. */
const SECOND_SHARE = 1 / 3;

/** The least that it gets, in milliseconds: a busy disk takes tens of them, and a hundred with `sync`. */
const SECOND_MIN_MS = 300;

/** How long `ready` waits for the queue once its fallback is open, in milliseconds: events wait for `ready`, too. */
export const OPEN_MS = 500;

/** Waits between attempts to open the queue. */
const OPEN_BACKOFF = { initialMs: 1_000, maxMs: 10_000, jitter: 'equal' } as const;

/*
 *   event → queue ─accepted──────────→ handlers
 *             │ not accepted, or away      ↑
 *             └──→ fallback ───────────────┘  through the queue again (forward.ts), or,
 *                                             where the queue is in memory, from here
 *
 * A queue in memory forgets with the process: an event that the fallback keeps more safely does not go back to it.
 *
 * While the queue is away (outage.ts) the fallback comes first and the queue second.
 */
export class FallbackPair implements EventKeeper {
  readonly #outage: Outage;
  readonly #queue: LazyQueue;
  readonly #fallback: LazyQueue;
  readonly #openAgainMs = createBackoff(OPEN_BACKOFF, Math.random);
  #openFailures = 0;
  #openAgain: Timer | undefined;
  #closing: Promise<CloseResult> | undefined;

  constructor(queue: EventQueue, fallback: EventQueue, consumer: EventConsumer) {
    this.#outage = new Outage((problem) => consumer.report(problem));
    this.#queue = new LazyQueue(queue, consumer);
    this.#fallback = new LazyQueue(
      fallback,
      this.#queue.isVolatile ? consumer : forwarderTo(this.#queue, this.#outage, consumer),
    );
  }

  /** Rejects when the fallback cannot be opened; a queue that cannot is an outage like any other. */
  async ready(): Promise<void> {
    await Promise.all([this.#fallback.ready(), settledWithin(this.#openQueue(), OPEN_MS)]);
  }

  /** Tries again by itself: handlers of events that lie in the queue must run though no event comes. */
  async #openQueue(): Promise<void> {
    try {
      await this.#queue.ready();
      this.#outage.over();
    } catch (thrown) {
      if (this.#closing !== undefined) return;
      this.#outage.hasFailed(CallbackError.from(thrown, 'queue_failed'));
      this.#openFailures += 1;
      clearTimeout(this.#openAgain);
      this.#openAgain = setTimeout(() => this.#openQueue(), this.#openAgainMs(this.#openFailures));
      unref(this.#openAgain);
    }
  }

  async enqueue(event: AnyCallbackEvent, bounds: Bounds): Promise<void> {
    const queueFirst = this.#outage.mayTry();
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
      this.#outage.hasAccepted();
    } catch (thrown) {
      const error = CallbackError.from(thrown, 'queue_failed');
      if (error.code !== 'closing') this.#outage.hasFailed(error);
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

  close(options: CloseOptions): Promise<CloseResult> {
    this.#closing ??= this.#close(timerMs(options.timeoutMs, CLOSE_TIMEOUT_MS));
    clearTimeout(this.#openAgain);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<CloseResult> {
    if (this.#queue.isVolatile) {
      const both = [this.#queue, this.#fallback].map((queue) => queue.close({ timeoutMs }));
      return merged(await Promise.all(both));
    }
    const until = performance.now() + timeoutMs;
    // What it keeps is forwarded by the next process, so it does not take the time of what runs now.
    const forwardMs = this.#outage.away ? 0 : timeoutMs / 2;
    const kept = this.#fallback.close({ timeoutMs: forwardMs });
    await kept.catch(() => undefined);
    const closed = await this.#queue.close({ timeoutMs: Math.max(0, until - performance.now()) });
    // Forwarded is not done.
    return merged([closed, { ...(await kept), drained: 0 }]);
  }
}

/** How long the first queue may take: the second one needs time, too, and never more than half of it. */
function firstShare(leftMs: number): number {
  return leftMs - Math.min(leftMs / 2, Math.max(SECOND_MIN_MS, leftMs * SECOND_SHARE));
}

async function offer(queue: LazyQueue, event: AnyCallbackEvent, ms: number): Promise<void> {
  const until = performance.now() + ms;
  const accepted = queue.enqueue(event, { leftMs: () => Math.max(0, until - performance.now()) });
  if (!isThenable(accepted)) return;
  await within(accepted, ms).catch((thrown: unknown) => {
    throw thrown instanceof Late ? tooLate() : thrown;
  });
}

function merged(results: readonly CloseResult[]): CloseResult {
  return {
    drained: results.reduce((sum, { drained }) => sum + drained, 0),
    remaining: results.flatMap(({ remaining }) => remaining),
    timedOut: results.some(({ timedOut }) => timedOut),
  };
}
