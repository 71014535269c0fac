/** Runs the handlers of a BullMQ queue in a process without web server. */

import { CallbackError } from '../../base/errors.js';
import { Outcomes } from '../outcomes.js';
import {
  type CloseOptions,
  type CloseResult,
  closeMs,
  type EventConsumer,
  type QueueStats,
} from '../queue.js';
import { type BullmqWorkerOptions, resolveWorkerOptions } from './options.js';
import { JobRunner } from './runner.js';
import type { JobWorker } from './store.js';
import { storeFailureTeller } from './store-failures.js';

/** A worker that runs. */
export interface BullmqWorker {
  /** The BullMQ `Worker`. */
  readonly worker: JobWorker;
  /** Resolves when it is connected; rejects with `queue_failed` when that fails for good. */
  ready(): Promise<void>;
  /** Figures of this worker; `queued`, `accepted`, `rejected` and `oldestAgeMs` are known to the queue only, and 0 here. */
  stats(): QueueStats;
  /**
   * Takes no event any more and lets those that run be done. For the last quarter of the time, at most half a second
   * of it, their signals are aborted: those that stop then go back to the queue at once, the others when BullMQ finds
   * them stalled.
   */
  close(options?: CloseOptions): Promise<CloseResult>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs the queued handlers of events that web servers with `bullmqQueue({ worker: false })` have enqueued.
 * @param handler is a `CallbackHandler`, whose registered handlers run, or a consumer of your own.
 * @throws ConfigurationError `option_invalid`
 */
export function createWorker(
  handler: { readonly consumer: EventConsumer } | EventConsumer,
  options: BullmqWorkerOptions,
): BullmqWorker {
  const resolved = resolveWorkerOptions(options);
  const consumer = 'consumer' in handler ? handler.consumer : handler;
  const outcomes = new Outcomes(resolved.run.onDead);
  outcomes.listen(consumer);
  const runner = new JobRunner(resolved, outcomes, storeFailureTeller(outcomes.tell, resolved.run.now));
  const worker = runner.start(resolved.name, consumer);
  let closed: Promise<CloseResult> | undefined;

  async function stop(timeoutMs: number): Promise<CloseResult> {
    const until = performance.now() + timeoutMs;
    const doneBefore = outcomes.done;
    const timedOut = await runner.stop(() => Math.max(0, until - performance.now()));
    return { drained: outcomes.done - doneBefore, remaining: [], timedOut };
  }

  const close = (closeOptions?: CloseOptions): Promise<CloseResult> => {
    closed ??= stop(closeMs(closeOptions));
    return closed;
  };

  return {
    worker,
    async ready() {
      try {
        await worker.waitUntilReady();
      } catch (thrown) {
        throw CallbackError.from(thrown, 'queue_failed');
      }
    },
    stats() {
      return { queued: 0, assist: 0, oldestAgeMs: 0, ...runner.stats, ...outcomes.counts };
    },
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}
