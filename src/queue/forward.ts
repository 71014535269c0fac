/** Takes events from the fallback and hands them to the queue for which it stands in. */

import { CallbackError } from '../base/errors.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { type Backoff, createBackoff } from './backoff.js';
import type { Outage } from './breaker.js';
import type { EventKeeper } from './keeper.js';
import { tooLate } from './lazy.js';
import type { Attempt, EventConsumer } from './queue.js';

/**
 * How long one attempt may wait for the queue, in milliseconds. Long, because a store that only hangs may do
 * later what was asked of it: each attempt that was given up may become a repetition.
 */
export const FORWARD_MS = 30_000;

/** Soon at first, for a queue that was full; the most that an event waits after the queue is there again is `maxMs`. */
const BACKOFF = { initialMs: 200, maxMs: 5_000, jitter: 'equal' } as const;

/** How often the queue may fail an event while it accepts others, before the failure is the event's own. */
export const MAX_REFUSALS = 10;

/** A consumer that forwards. */
export function forwarderTo(
  queue: EventKeeper,
  outage: Outage,
  consumer: EventConsumer,
  random: () => number = Math.random,
): EventConsumer {
  const backoff = createBackoff(BACKOFF, random);
  return {
    decode: (item) => consumer.decode(item),
    report: (problem) => consumer.report(problem),
    consume: (event, { signal }) => forward(queue, outage, event, signal, backoff),
  };
}

/**
 * Tries until the queue accepts the event, so that an outage, however long, costs none of its attempts.
 * @throws when the signal aborts, and CallbackError `queue_failed` for an event that is refused while others are not.
 */
async function forward(
  queue: EventKeeper,
  outage: Outage,
  event: AnyCallbackEvent,
  signal: Attempt['signal'],
  backoff: Backoff,
): Promise<void> {
  let refusals = 0;
  for (let failures = 1, accepted = outage.accepted; ; failures += 1) {
    try {
      if (!(await inTime(offer(queue, event), FORWARD_MS, signal))) throw tooLate();
      outage.hasAccepted();
      return;
    } catch (thrown) {
      const error = CallbackError.from(thrown, 'queue_failed');
      // A full queue refuses whoever comes.
      if (error.code !== 'queue_full' && outage.accepted !== accepted) refusals += 1;
      accepted = outage.accepted;
      if (refusals === MAX_REFUSALS) {
        throw new CallbackError('queue_failed', {
          message: 'the queue accepts other events but not this one',
          cause: error,
        });
      }
    }
    await inTime(never(), backoff(failures), signal);
  }
}

async function offer(queue: EventKeeper, event: AnyCallbackEvent): Promise<void> {
  const until = performance.now() + FORWARD_MS;
  await queue.enqueue(event, { leftMs: () => Math.max(0, until - performance.now()) });
}

/**
 * Whether a promise resolves before the time is over; what it does after that is ignored.
 * @throws what the promise rejects with, or the signal's reason when that aborts first.
 */
function inTime(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      end();
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      end();
      resolve(false);
    }, ms);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    promise.then(() => resolve(true), reject).finally(end);
  });
}

// A new one each time: what waits for a promise is kept as long as that is.
const never = (): Promise<never> => new Promise(() => undefined);
