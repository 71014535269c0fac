/** An event as a BullMQ job: its id, its name, its data. */

import type { JobsOptions } from 'bullmq';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import type { StoredEvent } from '../../protocol/stored-event.js';

/** What a job holds: the event in its list form. */
export interface EventJobData extends StoredEvent {
  /** W3C trace context of the request, where the option `traceparent` gave one. */
  readonly Traceparent?: string;
}

/** A job that is to be added. */
export interface EventJob {
  /** The command. */
  readonly name: string;
  readonly data: EventJobData;
  readonly opts: JobsOptions;
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
export function jobOf(
  event: AnyCallbackEvent,
  options: JobsOptions,
  traceparent: string | undefined,
): EventJob {
  const stored = event.toJSON();
  return {
    name: event.command,
    data: traceparent === undefined ? stored : { ...stored, Traceparent: traceparent },
    opts: { ...options, jobId: jobIdOf(event) },
  };
}

/** The trace context in a job's data, whoever wrote it. */
export function traceparentIn(data: unknown): string | undefined {
  const value = (data as { Traceparent?: unknown } | null | undefined)?.Traceparent;
  return typeof value === 'string' ? value : undefined;
}
