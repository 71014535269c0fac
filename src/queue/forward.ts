/** Takes events from the fallback and hands them to the queue for which it stands in. */

import { pause, within } from '../base/bounded-wait.js';
import { CallbackError } from '../base/errors.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { type Backoff, createBackoff } from './backoff.js';
import type { Breaker } from './breaker.js';
import type { EventKeeper } from './keeper.js';
import { boundsOf, tooLate } from './lazy.js';
import type { Attempt, EventConsumer } from './queue.js';

/**
 * How long one attempt may wait for the queue, in milliseconds. Long, because a store that only hangs may do
 * later what was asked of it: each attempt that was given up may become a repetition.
 */
export const FORWARD_MS = 30_000;

/** Soon at first, for a queue that was full. `maxMs` is the most that an event waits once the queue accepts again. */
const BACKOFF = { initialMs: 200, maxMs: 5_000, jitter: 'equal' } as const;

/** How often the queue may refuse an event while it accepts others, before that counts as a failed run of the event. */
export const MAX_REFUSALS = 10;

/** A consumer that forwards. */
export function forwarderTo(
  queue: EventKeeper,
  breaker: Breaker,
  consumer: EventConsumer,
  random: () => number = Math.random,
): EventConsumer {
  const backoff = createBackoff(BACKOFF, random);
  return {
    decode: (item) => consumer.decode(item),
    report: (problem) => consumer.report(problem),
    consume: (event, { signal }) => forward(queue, breaker, event, signal, backoff),
  };
}

/**
 * Tries until the queue accepts the event, so that an outage, however long, costs none of its attempts.
 * @throws the signal's reason when that aborts, and CallbackError `queue_failed` for an event that is refused while
 * others are not.
 */
async function forward(
  queue: EventKeeper,
  breaker: Breaker,
  event: AnyCallbackEvent,
  signal: Attempt['signal'],
  backoff: Backoff,
): Promise<void> {
  let refusals = 0;
  for (let failures = 1, accepted = breaker.accepted; ; failures += 1) {
    try {
      await within(offer(queue, event), FORWARD_MS, tooLate, signal);
      breaker.hasAccepted();
      return;
    } catch (thrown) {
      const error = CallbackError.from(thrown, 'queue_failed');
      // A full queue refuses every event, so that says nothing of this one.
      if (error.code !== 'queue_full' && breaker.accepted !== accepted) refusals += 1;
      accepted = breaker.accepted;
      if (refusals === MAX_REFUSALS) {
        throw new CallbackError('queue_failed', {
          message: 'the queue accepts other events but not this one',
          cause: error,
        });
      }
    }
    await pause(backoff(failures), signal);
  }
}

/** Also where the queue throws, as one does that has accepted an event when it returns. */
async function offer(queue: EventKeeper, event: AnyCallbackEvent): Promise<void> {
  await queue.enqueue(event, boundsOf(FORWARD_MS));
}
