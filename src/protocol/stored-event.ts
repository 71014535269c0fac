/** Reads the list form of an event, as this package and the Go package write it. */

import { fromBase64 } from '#platform';
import { CallbackError } from '../base/errors.js';
import type { URLParams } from './event.js';

/** The parts of a stored event. The Go package writes no id and no time. */
export interface StoredParts {
  readonly params: Partial<URLParams>;
  readonly rawBody: Uint8Array;
  readonly id: string | undefined;
  readonly receivedAt: number | undefined;
}

const paramNames = [
  'SdkAppid',
  'CallbackCommand',
  'ContentType',
  'ClientIP',
  'OptPlatform',
  'RequestId',
] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
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
  const { URLParams, Body, Id, ReceivedAt } = isRecord(value) ? value : {};
  const rawBody = fromBase64(typeof Body === 'string' ? Body : '');
  if (
    !isRecord(URLParams) ||
    rawBody === undefined ||
    (typeof Body !== 'string' && Body !== null && Body !== undefined)
  ) {
    throw new CallbackError('body_not_json', { message: 'a stored item is no event' });
  }
  const params: Record<string, string> = {};
  for (const name of paramNames) {
    const text = URLParams[name];
    if (typeof text === 'string') params[name] = text;
  }
  return {
    params,
    rawBody,
    id: typeof Id === 'string' && Id !== '' ? Id : undefined,
    receivedAt: typeof ReceivedAt === 'number' ? ReceivedAt : undefined,
  };
}
