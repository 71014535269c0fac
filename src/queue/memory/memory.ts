/** The queue that keeps events in the memory of one process; what a receiver uses unless told otherwise. */

import { settledWithin } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import {
  alreadyStartedError,
  type CloseOptions,
  type CloseResult,
  closeMs,
  type EventConsumer,
  type EventQueue,
  type QueueStats,
} from '../queue.js';
import { EventRuns } from '../run.js';
import { type MemoryQueueOptions, type ResolvedMemoryOptions, resolveMemoryOptions } from './options.js';

/**
 * A bounded queue in memory. What it accepted is done, retried, or handed back by `close`; a crash loses it.
 * @throws ConfigurationError `option_invalid`
 */
export function memoryQueue(
  options: MemoryQueueOptions = {},
): EventQueue & Required<Pick<EventQueue, 'idle'>> {
  return new PooledQueue(resolveMemoryOptions(options));
}

/** What it accepted ends as run.ts says: done, dead, or handed back by `close` when the time is over. */
class PooledQueue implements EventQueue {
  readonly #runs: EventRuns<undefined>;
  #started = false;
  #closed: Promise<CloseResult> | undefined;

  constructor({ run, limits }: ResolvedMemoryOptions) {
    this.#runs = new EventRuns(run, limits, { ended: () => undefined });
  }

  async open(): Promise<void> {
    if (this.#closed !== undefined) throw new CallbackError('closing');
  }

  start(consumer: EventConsumer): void {
    if (this.#started) throw alreadyStartedError();
    this.#started = true;
    // Also after `close`, since a receiver may be closed while it is still opening: nothing is left to run then.
    this.#runs.start(consumer);
  }

  enqueue(event: AnyCallbackEvent): void {
    try {
      if (this.#closed !== undefined) throw new CallbackError('closing');
      const key = this.#runs.keyOf(event);
      if (!this.#runs.take(undefined, event, key)) throw new CallbackError('queue_full');
    } catch (thrown) {
      this.#runs.outcomes.rejected += 1;
      throw thrown;
    }
    this.#runs.outcomes.accepted += 1;
  }

  stats(): QueueStats {
    return this.#runs.stats;
  }

  idle(): Promise<void> {
    return this.#runs.idle();
  }

  close(options?: CloseOptions): Promise<CloseResult> {
    this.#closed ??= this.#drain(closeMs(options));
    return this.#closed;
  }

  async #drain(timeoutMs: number): Promise<CloseResult> {
    const { outcomes } = this.#runs;
    const doneBefore = outcomes.done;
    // Before `start` nothing would ever be done.
    const inTime = !this.#started || (await settledWithin(this.#runs.idle(), timeoutMs));
    const remaining = this.#runs.stop().map(({ event }) => event);
    return { drained: outcomes.done - doneBefore, remaining, timedOut: !inTime };
  }
}
