/**
 * The contract between the receiver and whatever keeps events until they are worked on. A queue knows
 * nothing of HTTP, commands or answers.
 */

import { type CallbackError, ConfigurationError } from '../base/errors.js';
import { timerMs } from '../base/timers.js';
import type { AnyCallbackEvent } from '../protocol/event.js';

/** One run of the handler for one event. */
export interface Attempt {
  /** 1 for the first run. */
  readonly attempt: number;
  /** Aborts when the queue is closed and its time is over: the handler should stop soon. */
  readonly signal: AbortSignal;
}

/** What a queue calls; the receiver implements it. */
export interface EventConsumer {
  /**
   * Builds the event again from what was stored.
   * @throws CallbackError when the item is no event; the queue keeps such an item aside and reports it.
   */
  decode(item: unknown): AnyCallbackEvent;
  /** Runs the handler. Rejects when the handler failed. */
  consume(event: AnyCallbackEvent, attempt: Attempt): Promise<void>;
  /** Tells the owner of the receiver about a problem. Never throws. */
  report(problem: QueueProblem): void;
}

/** Something that went wrong behind the queue, where no request is left to answer. */
export interface QueueProblem {
  readonly error: CallbackError;
  /** The event, where there is one. */
  readonly event?: AnyCallbackEvent;
  /** Which run failed; absent where no handler ran. */
  readonly attempt?: number;
  /** `retry`: it will run again. `dead`: no run is left. `invalid`: a stored item is no event. `store`: the store failed. */
  readonly kind: 'retry' | 'dead' | 'invalid' | 'store';
}

/** Figures of a queue since it was opened. */
export interface QueueStats {
  /** Accepted and not yet begun, retries that wait included. */
  readonly queued: number;
  /** Being handled now. */
  readonly active: number;
  /** Workers that are always there. */
  readonly workers: number;
  /** Workers that were added under load and are alive now. */
  readonly assist: number;
  readonly accepted: number;
  readonly completed: number;
  /** Runs of a handler that failed. */
  readonly failed: number;
  /** Runs that were repeated after a failure. */
  readonly retried: number;
  /** Events that were not accepted. */
  readonly rejected: number;
  /** Events whose last run failed. */
  readonly dead: number;
  /** Age of the oldest event that is accepted and not done, in milliseconds; 0 when there is none. */
  readonly oldestAgeMs: number;
  /** Accepted events that the store has lost, where the queue can tell: the one on disk can. */
  readonly lost?: number;
}

/** What a queue says of itself. */
export interface QueueReport {
  /** Why it fails, in words, and since when; absent where it does not. */
  readonly failing?: { readonly reason: string; readonly since: Date } | undefined;
  /** Anything else that its owner should see, such as events that a damaged disk has lost. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** How an event is handed over. */
export interface EnqueueOptions {
  /**
   * Milliseconds that are left for accepting it; the enqueue rejects when it has not been accepted by then. Defaults
   * to no bound.
   */
  readonly timeoutMs?: number;
}

/** How long `close` may take. */
export interface CloseOptions {
  /** The most that closing takes, in milliseconds; accepted events may be done until then. Defaults to 10,000. */
  readonly timeoutMs?: number;
}

/** What `close` found. */
export interface CloseResult {
  /** Events that were done between the call and its end. */
  readonly drained: number;
  /** Accepted events that were not done: given back by queues that keep nothing, empty for the others. */
  readonly remaining: readonly AnyCallbackEvent[];
  /** Whether the time was over before everything was done. */
  readonly timedOut: boolean;
}

/** What `CloseOptions.timeoutMs` is unless it is given. */
export const CLOSE_TIMEOUT_MS = 10_000;

/** How long `close` may take, in milliseconds that a timer can hold. */
export function closeMs({ timeoutMs }: CloseOptions = {}): number {
  return timerMs(timeoutMs, CLOSE_TIMEOUT_MS);
}

/** What `start` throws when it is called again. */
export function alreadyStartedError(): ConfigurationError {
  return new ConfigurationError(
    'option_invalid',
    'queue already serves a receiver; give each receiver a queue of its own',
  );
}

/** A queue of events. Its life is: `open`, `start`, any number of `enqueue`, `close`. */
export interface EventQueue {
  /** Gets ready to accept. Rejects with a coded error when it cannot; may be called again then. */
  open(): Promise<void>;
  /** Begins to hand events to the consumer. Called once, after `open`. */
  start(consumer: EventConsumer): void;
  /**
   * Accepts an event. Returns, or resolves, once the event would survive what this queue promises.
   * @throws CallbackError `queue_full`, `queue_failed` or `closing`: the event was not accepted.
   */
  enqueue(event: AnyCallbackEvent, options?: EnqueueOptions): void | Promise<void>;
  /** Figures as of now. */
  stats(): QueueStats;
  /** What the queue knows of itself beyond what became of its enqueues. Must not throw. */
  health?(): QueueReport;
  /**
   * Resolves when every event accepted so far is done. Only queues that lose their events with the process
   * have it: where the process may end after an answer, somebody has to wait for them.
   */
  idle?(): Promise<void>;
  /**
   * Stops accepting, lets accepted events be done until the time is over, aborts the signals of what still
   * runs, and frees every resource; all that within its time. A second call gets the first one's promise.
   */
  close(options?: CloseOptions): Promise<CloseResult>;
}
