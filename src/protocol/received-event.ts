/** The events of this package: an id, a de-duplication key, and a body that may be made again of its bytes. */

import { type BodyIssue, findCommand, NO_ISSUES } from './commands.js';
import { type AnyCallbackEvent, type BodyOf, BRAND, type CallbackEvent, field } from './event.js';
import { type StoredEvent, storedEventOf } from './stored-event.js';
import type { URLParams } from './url-params.js';
import { dateFrom, type Phase, type Platform, platformFrom } from './values.js';

/** What an event is made of. */
export interface EventInit {
  readonly command: string;
  readonly params: URLParams;
  readonly body: unknown;
  /** The bytes, or what makes them when they are first asked for. */
  readonly rawBody: Uint8Array | (() => Uint8Array);
  /** Makes the body of its bytes once more. Without it the event cannot be put at rest. */
  readonly bodyAgain?: (rawBody: Uint8Array, command: string) => unknown;
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

const neverAborts = (): AbortSignal => new AbortController().signal;

function firstItem(body: unknown): unknown {
  const events = field(body, 'Events');
  return Array.isArray(events) ? events[0] : undefined;
}

class ReceivedEvent<Name extends string> implements CallbackEvent<Name> {
  #init: EventInit;
  /** None while the event is at rest. */
  #body: unknown;
  #id: string | undefined;
  #signal: AbortSignal | undefined;
  #rawBody: Uint8Array | undefined;
  readonly command: Name;
  readonly params: URLParams;

  constructor(init: EventInit) {
    this.#init = init;
    this.#id = init.id;
    this.command = init.command as Name;
    this.#body = init.body;
    this.params = init.params;
  }

  get [BRAND](): true {
    return true;
  }

  get body(): BodyOf<Name> {
    this.#body ??= this.#init.bodyAgain?.(this.rawBody, this.command);
    return this.#body as BodyOf<Name>;
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

  /** Lets go of the body, and of the request by its signal. */
  rest(): void {
    if (this.#init.bodyAgain === undefined) return;
    const { signal: _, ...init } = this.#init;
    this.#init = { ...init, body: undefined, rawBody: alone(this.rawBody) };
    this.#rawBody = undefined;
    this.#body = undefined;
  }
}

/** Bytes that keep no larger buffer, such as that of a whole request, from being freed. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength === bytes.byteLength ? bytes : Uint8Array.prototype.slice.call(bytes);
}

/**
 * Has an event that will not be handled at once take less memory: a body of brackets takes fifteen times as much as its
 * bytes. The body is made again when somebody asks for it.
 */
export function putAtRest(event: AnyCallbackEvent): void {
  if (event instanceof ReceivedEvent) event.rest();
}

/** Makes an event; the body must have been checked. */
export function eventFrom(init: EventInit): AnyCallbackEvent {
  return new ReceivedEvent(init);
}
