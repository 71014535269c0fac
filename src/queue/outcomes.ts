/** Counts how the runs of a queue ended, and tells the owner of the receiver of those that failed. */

import type { CallbackError } from '../base/errors.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { EventConsumer, QueueProblem } from './queue.js';
import { handDead, tell } from './report.js';
import type { ResolvedRunOptions } from './run-options.js';

/** The counters have the names and meanings of `QueueStats`. None of the methods throws. */
export class Outcomes {
  readonly #onDead: ResolvedRunOptions['onDead'];
  #consumer: EventConsumer | undefined;
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

  /** Names who is told of problems; until then nobody is. */
  listen(consumer: EventConsumer): void {
    this.#consumer = consumer;
  }

  /** Tells of a problem that may be none of a run. */
  readonly tell = (problem: QueueProblem): void => tell(this.#consumer, problem);

  /** A run failed. `again`: there will be another; else the event is dead. */
  runFailed(event: AnyCallbackEvent, attempt: number, error: CallbackError, again: boolean): void {
    this.failed += 1;
    if (!again) this.dead += 1;
    this.tell({ kind: again ? 'retry' : 'dead', error, event, attempt });
    if (!again) handDead(this.#onDead, error, event, attempt, this.tell);
  }
}
