/** Counts what becomes of the events of a queue, and tells the owner of the receiver of runs that failed. */

import { CallbackError } from '../base/errors.js';
import { isolate } from '../base/isolate.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { EventConsumer, QueueProblem } from './queue.js';
import type { ResolvedRunOptions } from './run-options.js';

/** The counters have the names and meanings of `QueueStats`. None of the methods throws. */
export class Outcomes {
  readonly #onDead: ResolvedRunOptions['onDead'];
  #consumer: EventConsumer | undefined;
  accepted = 0;
  rejected = 0;
  completed = 0;
  failed = 0;
  retried = 0;
  dead = 0;

  constructor(onDead: ResolvedRunOptions['onDead']) {
    this.#onDead = onDead;
  }

  /** Events that are done or dead. */
  get done(): number {
    return this.completed + this.dead;
  }

  /** All counters. */
  get counts() {
    const { accepted, rejected, completed, failed, retried, dead } = this;
    return { accepted, rejected, completed, failed, retried, dead };
  }

  /** Names who is told of problems; until then nobody is. */
  listen(consumer: EventConsumer): void {
    this.#consumer = consumer;
  }

  /** Tells of a problem that may be none of a run. */
  readonly tell = (problem: QueueProblem): void => {
    isolate(
      () => this.#consumer?.report(problem),
      // There is nobody left to tell, and the contract says that it does not happen.
      () => undefined,
    );
  };

  /** A run failed. `again`: there will be another; else the event is dead. */
  runFailed(event: AnyCallbackEvent, attempt: number, error: CallbackError, again: boolean): void {
    this.failed += 1;
    if (!again) this.dead += 1;
    this.tell({ kind: again ? 'retry' : 'dead', error, event, attempt });
    if (again) return;
    isolate(
      () => this.#onDead?.(event, error),
      // Told as a failure of the store, since the event may be lost.
      (cause) => {
        const lost = new CallbackError('queue_failed', { message: 'onDead failed', cause });
        this.tell({ kind: 'store', error: lost, event, attempt });
      },
    );
  }
}
