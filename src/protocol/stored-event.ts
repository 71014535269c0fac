/** The list form of an event, as this package and the Go package write it and read it. */

import { fromBase64, toBase64 } from '#platform';
import { CallbackError } from '../base/errors.js';
import { isRecord } from '../base/record.js';
import { PARAMETERS, type URLParams } from './url-params.js';

/**
 * An event as it lies in a queue that stores text. The first four keys are those that the Go package
 * `qcloud_im_callback` writes and reads; it ignores the others.
 */
export interface StoredEvent {
  readonly CallbackCommand: string;
  readonly URLParams: URLParams;
  /** Base64 of the raw body; `null` when it was empty. */
  readonly Body: string | null;
  readonly Handler: Record<string, never>;
  /** The event's id; stays the same for every retry of an enqueue and every attempt of the handler. */
  readonly Id: string;
  /** When the request arrived, milliseconds since the Unix epoch. */
  readonly ReceivedAt: number;
  /** W3C trace context of the request, where there was one. */
  readonly Traceparent?: string;
}

/** The parts of a stored event. The Go package writes no id and no time. */
export interface StoredParts {
  readonly params: Partial<URLParams>;
  readonly rawBody: Uint8Array;
  readonly id: string | undefined;
  readonly receivedAt: number | undefined;
  readonly traceparent?: string | undefined;
}

/** What the list form is made of; every event has it. */
interface StorableEvent {
  readonly command: string;
  readonly params: URLParams;
  readonly rawBody: Uint8Array;
  readonly id: string;
  readonly receivedAt: Date;
  readonly traceparent?: string | undefined;
}

/** Writes an event in its list form. */
export function storedEventOf(event: StorableEvent): StoredEvent {
  const { command, params, rawBody, id, receivedAt, traceparent } = event;
  return {
    CallbackCommand: command,
    URLParams: params,
    Body: rawBody.byteLength === 0 ? null : toBase64(rawBody),
    Handler: {},
    Id: id,
    ReceivedAt: receivedAt.getTime(),
    ...(traceparent === undefined ? {} : { Traceparent: traceparent }),
  };
}

/**
 * Takes a stored event apart.
 * @param item The item, as text or already parsed.
 * @throws CallbackError `body_not_json` when it is no stored event.
 */
export function storedEventFrom(item: unknown): StoredParts {
  let value = item;
  if (typeof item === 'string') {
    try {
      value = JSON.parse(item);
    } catch {
      // The parser's message quotes the item, which does not belong into a log.
      throw new CallbackError('body_not_json', { message: 'a stored item is no JSON' });
    }
  }
  const { URLParams, Body, Id, ReceivedAt, Traceparent } = isRecord(value) ? value : {};
  const rawBody = fromBase64(typeof Body === 'string' ? Body : '');
  if (
    !isRecord(URLParams) ||
    rawBody === undefined ||
    (typeof Body !== 'string' && Body !== null && Body !== undefined)
  ) {
    throw new CallbackError('body_not_json', { message: 'a stored item is no event' });
  }
  const params: Record<string, string> = {};
  for (const name of PARAMETERS) {
    const text = URLParams[name];
    if (typeof text === 'string') params[name] = text;
  }
  return {
    params,
    rawBody,
    id: typeof Id === 'string' && Id !== '' ? Id : undefined,
    receivedAt: typeof ReceivedAt === 'number' ? ReceivedAt : undefined,
    ...(typeof Traceparent === 'string' ? { traceparent: Traceparent } : {}),
  };
}
