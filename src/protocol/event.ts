/** One callback: what a handler sees, its id and its de-duplication key. */

import { hasBrand } from '../base/brand.js';
import { isRecord } from '../base/record.js';
import type { CallbackBodies } from '../generated/types.js';
import { type BodyIssue, type Command, findCommand } from './commands.js';
import { type StoredEvent, storedEventOf } from './stored-event.js';
import type { URLParams } from './url-params.js';
import { dateFrom, type Phase, type Platform, platformFrom } from './values.js';

const BRAND = Symbol.for('qcloud-im-callback.event');

/** Body of a command: typed for documented ones, any JSON object for others. */
export type BodyOf<Name extends string> = Name extends Command
  ? CallbackBodies[Name]
  : Record<string, unknown>;

/** What an event is made of. */
export interface EventInit {
  readonly command: string;
  readonly params: URLParams;
  readonly body: unknown;
  /** The bytes, or what makes them when they are first asked for. */
  readonly rawBody: Uint8Array | (() => Uint8Array);
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
  /** Defaults to a new UUID, made when it is first asked for. */
  readonly id?: string | undefined;
  readonly issues?: readonly BodyIssue[];
  /** W3C trace context of what caused it; one that is malformed is dropped. Defaults to none. */
  readonly traceparent?: string | undefined;
  /** Which run of the handler it is for. Defaults to 1. */
  readonly attempt?: number;
  /** Gives the signal when it is first asked for. Defaults to one that never aborts. */
  readonly signal?: () => AbortSignal;
}

/** A request may come from anywhere with anything in its headers. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const NO_ISSUES: readonly BodyIssue[] = Object.freeze([]);
const neverAborts = (): AbortSignal => new AbortController().signal;

function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function firstItem(body: unknown): unknown {
  const events = field(body, 'Events');
  return Array.isArray(events) ? events[0] : undefined;
}

/** One callback. Handlers get it with the body's type of their command. */
export interface CallbackEvent<Name extends string = Command> {
  /** The command, with aliases resolved. */
  readonly command: Name;
  /** The decoded body. Field names are the vendor's; each field has the one type that its schema says. */
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

class ReceivedEvent<Name extends string> implements CallbackEvent<Name> {
  readonly #init: EventInit;
  #id: string | undefined;
  #signal: AbortSignal | undefined;
  #rawBody: Uint8Array | undefined;
  readonly command: Name;
  readonly body: BodyOf<Name>;
  readonly params: URLParams;

  constructor(init: EventInit) {
    this.#init = init;
    this.#id = init.id;
    this.command = init.command as Name;
    this.body = init.body as BodyOf<Name>;
    this.params = init.params;
  }

  get [BRAND](): true {
    return true;
  }

  get id(): string {
    this.#id ??= crypto.randomUUID();
    return this.#id;
  }

  get phase(): Phase {
    return findCommand(this.command)?.info.phase ?? 'other';
  }

  get known(): boolean {
    return findCommand(this.command) !== undefined;
  }

  get sdkAppId(): string {
    return this.params.SdkAppid;
  }

  get platform(): Platform {
    return platformFrom(this.params.OptPlatform);
  }

  get clientIp(): string {
    return this.params.ClientIP;
  }

  get rawBody(): Uint8Array {
    const { rawBody } = this.#init;
    this.#rawBody ??= typeof rawBody === 'function' ? rawBody() : rawBody;
    return this.#rawBody;
  }

  get time(): Date | undefined {
    const { body } = this;
    return (
      dateFrom(field(body, 'EventTime')) ??
      dateFrom(field(body, 'CallbackTs')) ??
      dateFrom(field(field(body, 'RoomInfo'), 'EventTime')) ??
      dateFrom(field(firstItem(body), 'EventTime'))
    );
  }

  get receivedAt(): Date {
    return new Date(this.#init.receivedAt);
  }

  get issues(): readonly BodyIssue[] {
    return this.#init.issues ?? NO_ISSUES;
  }

  get signal(): AbortSignal {
    this.#signal ??= (this.#init.signal ?? neverAborts)();
    return this.#signal;
  }

  get attempt(): number {
    return this.#init.attempt ?? 1;
  }

  get dedupeKey(): string | undefined {
    const { SdkAppid, RequestId } = this.params;
    if (RequestId !== undefined && RequestId !== '')
      return JSON.stringify([SdkAppid, this.command, RequestId]);
    const names = findCommand(this.command)?.info.dedupe;
    if (names === undefined) return undefined;
    const parts: unknown[] = [SdkAppid, this.command];
    for (const name of names) {
      const optional = name.endsWith('?');
      const value = field(this.body, optional ? name.slice(0, -1) : name);
      if (value === undefined && !optional) return undefined;
      parts.push(value ?? null);
    }
    return JSON.stringify(parts);
  }

  get traceparent(): string | undefined {
    const { traceparent } = this.#init;
    return traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : undefined;
  }

  extra(name: string): unknown {
    return field(this.body, name);
  }

  forAttempt(attempt: number, signal: () => AbortSignal): CallbackEvent<Name> {
    return new ReceivedEvent<Name>({ ...this.#init, id: this.id, attempt, signal });
  }

  withTraceparent(traceparent: string | undefined): CallbackEvent<Name> {
    return new ReceivedEvent<Name>({ ...this.#init, id: this.id, traceparent });
  }

  toJSON(): StoredEvent {
    return storedEventOf(this);
  }
}

/** Makes an event; the body must have been checked. */
export function eventFrom(init: EventInit): AnyCallbackEvent {
  return new ReceivedEvent(init);
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
