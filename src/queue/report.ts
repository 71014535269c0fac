/** How every queue tells its owner of problems. None of these functions throws. */

import { CallbackError, ConfigurationError } from '../base/errors.js';
import { isolate } from '../base/isolate.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { EventConsumer, QueueProblem } from './queue.js';

/** Tells the consumer; before there is one, nobody. */
export function tell(consumer: EventConsumer | undefined, problem: QueueProblem): void {
  isolate(
    () => consumer?.report(problem),
    // There is nobody left to tell, and the contract says that it does not happen.
    () => undefined,
  );
}

/** Hands a dead event to the user's `onDead`; its failure is told as one of the store, since the event may be lost. */
export function handDead(
  onDead: ((event: AnyCallbackEvent, error: CallbackError) => unknown) | undefined,
  error: CallbackError,
  event: AnyCallbackEvent,
  attempt: number,
  report: (problem: QueueProblem) => void,
): void {
  isolate(
    () => onDead?.(event, error),
    (cause) => {
      const lost = new CallbackError('queue_failed', { message: 'onDead failed', cause });
      report({ kind: 'store', error: lost, event, attempt });
    },
  );
}

/** What `start` throws when it is called again. */
export function alreadyStartedError(): ConfigurationError {
  return new ConfigurationError(
    'option_invalid',
    'queue already serves a receiver; give each receiver a queue of its own',
  );
}
