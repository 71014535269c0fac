/** One callback, as a handler sees it. */

import { hasBrand } from '../base/brand.js';
import { isRecord } from '../base/record.js';
import type { CallbackBodies } from '../generated/types.js';
import type { BodyIssue, Command } from './commands.js';
import type { StoredEvent } from './stored-event.js';
import type { URLParams } from './url-params.js';
import type { Phase, Platform } from './values.js';

/** Marks events. */
export const BRAND = Symbol.for('qcloud-im-callback.event');

/** Body of a command: typed for documented ones, any JSON object for others. */
export type BodyOf<Name extends string> = Name extends Command
  ? CallbackBodies[Name]
  : Record<string, unknown>;

/** A field of a body that nobody may have checked. */
export function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** One callback. Handlers get it with the body's type of their command. */
export interface CallbackEvent<Name extends string = Command> {
  /** The command, with aliases resolved. */
  readonly command: Name;
  /**
   * The decoded body. Field names are the vendor's; each field has the one type that its schema says. What is changed in
   * it does not pass through a queue.
   */
  readonly body: BodyOf<Name>;
  /** The query parameters. */
  readonly params: URLParams;
  /** Id of this event, made on receipt. Every retry has the same one; the vendor's repetition has another. */
  readonly id: string;
  /** When the callback comes; `other` for commands that are not documented. */
  readonly phase: Phase;
  /** Whether the command is a documented one, so that its body was checked. */
  readonly known: boolean;
  /** Id of the app. */
  readonly sdkAppId: string;
  /** Platform of the client that caused the callback, in its usual spelling; `''` where the request had none. */
  readonly platform: Platform;
  /** Address of the client that caused the callback; `''` where the request had none. */
  readonly clientIp: string;
  /** The body as it came. Where another parser had turned it into a value, that value as JSON text. */
  readonly rawBody: Uint8Array;
  /**
   * When it happened, whatever the unit in the body; of the first item where the body is a list. Absent where
   * the body says nothing of it.
   */
  readonly time: Date | undefined;
  /** When the request arrived. */
  readonly receivedAt: Date;
  /** What is wrong with the body; only with `invalidBody: 'accept'` can a handler see one. */
  readonly issues: readonly BodyIssue[];
  /** Aborts when nobody waits for the result any more: past the deadline, or when a queue is closed. */
  readonly signal: AbortSignal;
  /** Which run of the handler this is; 1 for events that are handled before the answer. */
  readonly attempt: number;
  /**
   * What tells this occurrence from any other: app, command, and the vendor's request id or else the fields
   * that the command's schema names. Absent where nothing does. Never derived from `Sign`, which repeats.
   */
  readonly dedupeKey: string | undefined;
  /**
   * W3C trace context: that of the request, or of the span in which the event was put into a queue. Kept with the event
   * in every queue. Absent where there was none.
   */
  readonly traceparent: string | undefined;
  /** A field that the body's type does not know, such as one that the vendor added after this release. */
  extra(name: string): unknown;
  /** The same event for another run, with a signal of its own, which is made when it is first asked for. */
  forAttempt(attempt: number, signal: () => AbortSignal): CallbackEvent<Name>;
  /** The same event with another trace context. */
  withTraceparent(traceparent: string | undefined): CallbackEvent<Name>;
  /** The form in which the event lies in a list; the Go package reads it. */
  toJSON(): StoredEvent;
}

/** An event of a command that is not documented. */
export type UnknownCallbackEvent = CallbackEvent<string>;

/** An event of any command. `isEvent` narrows it to one. */
export type AnyCallbackEvent = CallbackEvent<Command> | UnknownCallbackEvent;

/** Whether an event is one of the given command; narrows the type of its body. */
export function isEvent<Name extends Command>(
  event: AnyCallbackEvent,
  command: Name,
): event is CallbackEvent<Name> {
  return event.command === command;
}

/** Whether a value is an event, also one made by another copy of this package. */
export function isCallbackEvent(value: unknown): value is AnyCallbackEvent {
  return hasBrand(value, BRAND);
}
