/** The rows of the disk queue as text: the stored event with what the queue adds to it. */

import { CallbackError } from '../../base/errors.js';
import { isRecord } from '../../base/record.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';

/** A row of an event that waits. */
export interface WaitingRecord {
  /** What the consumer decodes. */
  readonly item: object;
  /** Runs that failed. */
  readonly attempts: number;
}

/** Why something was put aside. */
export interface RowFailure {
  /** Code of the error. */
  readonly code: string;
  /** What was thrown; for logs and people. */
  readonly message: string;
}

/** An event whose last run failed, as `dead()` lists it. */
export interface DeadLetter {
  /** Id of the event; what `retryDead` takes. */
  readonly id: string;
  /** The event; absent where this release can no longer read it. */
  readonly event: AnyCallbackEvent | undefined;
  /** What its last run failed with. */
  readonly error: RowFailure;
  /** How often it was run. */
  readonly attempts: number;
  /** When its last run failed. */
  readonly diedAt: Date;
}

/** What lay among the events and is none, as `invalid()` lists it. */
export interface InvalidItem {
  /** The text as it was found. */
  readonly text: string;
  /** Why it is no event. */
  readonly error: RowFailure;
  /** When it was put aside. */
  readonly foundAt: Date;
}

/** Text of an event that waits. */
export function waitingText(event: AnyCallbackEvent, attempts: number): string {
  return JSON.stringify(attempts === 0 ? event : { ...event.toJSON(), Attempts: attempts });
}

/** Text of an event whose last run failed. */
export function deadText(
  event: AnyCallbackEvent,
  attempts: number,
  error: CallbackError,
  diedAt: number,
): string {
  return JSON.stringify({
    ...event.toJSON(),
    Attempts: attempts,
    Failure: failureOf(error),
    PutAsideAt: diedAt,
  });
}

/** Text of what is no event. */
export function invalidText(text: string, error: CallbackError, foundAt: number): string {
  return JSON.stringify({ Text: text, Failure: failureOf(error), PutAsideAt: foundAt });
}

/** Text of a dead letter that gets all its runs again. */
export function revivedText(text: string): string {
  const { Attempts, Failure, PutAsideAt, ...event } = parsed(text);
  return JSON.stringify(event);
}

/** @throws CallbackError `body_not_json` when it is no JSON object. */
export function waitingFrom(text: string): WaitingRecord {
  const item = parsed(text);
  return { item, attempts: numberFrom(item['Attempts']) };
}

/** Id of a dead letter. */
export function idFrom(text: string): string {
  return String(parsed(text)['Id']);
}

/** @param decode makes the event; may throw. */
export function letterFrom(text: string, decode: (item: unknown) => AnyCallbackEvent): DeadLetter {
  const item = parsed(text);
  let event: AnyCallbackEvent | undefined;
  try {
    event = decode(item);
  } catch {
    // It was an event for the release that wrote it: whoever lists it must still see that it is there.
  }
  return {
    id: String(item['Id']),
    event,
    error: failureFrom(item['Failure']),
    attempts: numberFrom(item['Attempts']),
    diedAt: new Date(numberFrom(item['PutAsideAt'])),
  };
}

/** Reads what `invalidText` has written. */
export function invalidFrom(text: string): InvalidItem {
  const { Text, Failure, PutAsideAt } = parsed(text);
  return { text: String(Text), error: failureFrom(Failure), foundAt: new Date(numberFrom(PutAsideAt)) };
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CallbackError('body_not_json', { message: 'a stored item is no JSON', cause });
  }
  if (!isRecord(value)) throw new CallbackError('body_not_json', { message: 'a stored item is no event' });
  return value;
}

function failureOf(error: CallbackError): RowFailure {
  const { code, cause } = error;
  return { code, message: cause === undefined ? error.message : String(cause) };
}

function failureFrom(value: unknown): RowFailure {
  const { code, message } = isRecord(value) ? value : {};
  return { code: String(code), message: String(message) };
}

function numberFrom(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
