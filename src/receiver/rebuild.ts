/** Builds events without a request: of what a queue has stored, and of what a test or a replay gives. */

import type { ResolvedOptions } from '../options/resolve.js';
import { decodeBody } from '../pipeline/body.js';
import { readEnvelope } from '../pipeline/envelope.js';
import { normalizeBody, validateBody } from '../pipeline/validate.js';
import { findCommand } from '../protocol/commands.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { eventFrom } from '../protocol/received-event.js';
import type { StoredParts } from '../protocol/stored-event.js';

/** Makes the body of an event of its bytes, which have been checked before. */
export function bodyAgain(rawBody: Uint8Array, command: string): Record<string, unknown> {
  const { value = {} } = decodeBody(rawBody, rawBody.byteLength);
  const entry = findCommand(command);
  if (entry !== undefined) normalizeBody(entry, value);
  return value;
}

/** What such an event is built of. */
export type EventParts = Pick<StoredParts, 'params'> &
  Partial<Pick<StoredParts, 'id' | 'receivedAt' | 'traceparent'>> & { readonly rawBody: Uint8Array | string };

/**
 * Nothing is verified; the body is checked as that of a request is, but for the schemas of users.
 * @throws CallbackError `query_invalid`, `body_not_json`, `body_unreadable`, `body_too_large`,
 * `command_mismatch` or `body_invalid`.
 */
export function rebuiltEvent(
  { params, rawBody, id, receivedAt, traceparent }: EventParts,
  { bodyLimit, acceptInvalid, now }: Pick<ResolvedOptions, 'bodyLimit' | 'acceptInvalid' | 'now'>,
): AnyCallbackEvent {
  const query = new URLSearchParams(Object.entries(params)).toString();
  const envelope = readEnvelope({ method: 'POST', query });
  const decoded = decodeBody(rawBody, bodyLimit);
  const body = decoded.value ?? {};
  const { command, issues } = validateBody(envelope, body, acceptInvalid);
  return eventFrom({
    command,
    params: envelope.params,
    body,
    rawBody: decoded.rawBody,
    bodyAgain,
    issues,
    id,
    receivedAt: receivedAt ?? now(),
    traceparent,
  });
}
