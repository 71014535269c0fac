/** An event as a BullMQ job: its id, its name, its data. */

import type { JobsOptions } from 'bullmq';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import type { StoredEvent } from '../../protocol/stored-event.js';

/** A job that is to be added. */
export interface EventJob {
  /** The command. */
  readonly name: string;
  /** The event in its list form. */
  readonly data: StoredEvent;
  readonly opts: JobsOptions;
  /** What was traced when the event came, as BullMQ's `telemetry` knows it. */
  readonly context: unknown;
}

/**
 * The id of an event's job. The same event always gets the same one, so that adding it again stores nothing;
 * BullMQ allows no colon in it and no whole number.
 * @throws URIError for an id that is no well-formed text.
 */
export function jobIdOf(event: AnyCallbackEvent): string {
  return `event-${encodeURIComponent(event.id)}`;
}

/** The name of the back-off in a job's options: BullMQ asks the worker's own strategy for it. */
export const BACKOFF_TYPE = 'custom';

/** The job of an event. */
export function jobOf(event: AnyCallbackEvent, options: JobsOptions, context: unknown): EventJob {
  return {
    name: event.command,
    data: event.toJSON(),
    opts: { ...options, jobId: jobIdOf(event) },
    context,
  };
}
