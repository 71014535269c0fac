/** What is answered when a stage failed: the failure's status, or what the owner's policy says. */

import { CallbackError, type CallbackErrorCode } from '../base/errors.js';
import type { FailureReport, ResolvedOptions } from '../options/options.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CallbackResponse } from '../protocol/http.js';
import { policyResponse, respondWithError } from './answer.js';
import type { Envelope } from './envelope.js';
import { InvalidBodyError } from './validate.js';

/** How far a request came; filled in by the stages. */
export interface Trace {
  envelope?: Envelope;
  /** Whether the sender was trusted. */
  verified?: boolean;
  /** Whether nothing of the body is left on the wire. */
  bodyRead?: boolean;
  rawBody?: Uint8Array | (() => Uint8Array) | undefined;
  /** The decoded body, whether it fits its command or not. */
  body?: Record<string, unknown>;
  event?: AnyCallbackEvent;
}

/** Failures behind which stands a genuine callback, so that its owner may decide. */
const decidable: ReadonlySet<CallbackErrorCode> = new Set([
  'body_too_large',
  'body_unreadable',
  'body_not_json',
  'body_invalid',
  'command_mismatch',
  'handler_failed',
  'handler_timeout',
  'queue_full',
  'queue_failed',
  'queue_damaged',
  'closing',
]);

/** The answer that the owner's policy puts in the place of a failure, if it does. */
function decidedAnswer(
  error: CallbackError,
  trace: Trace,
  policyOf: ResolvedOptions['onFailure'],
): CallbackResponse | undefined {
  const info = trace.envelope?.entry?.info;
  if (trace.verified !== true || info?.phase !== 'before' || !decidable.has(error.code)) return undefined;
  const policy = policyOf(info.name);
  return policy === 'status' ? undefined : policyResponse(policy, info, trace.body ?? {});
}

/** Answers a failure. The connection closes where the body was not read to its end. */
export function answerFailure(
  error: CallbackError,
  trace: Trace,
  policyOf: ResolvedOptions['onFailure'],
): CallbackResponse {
  const response = decidedAnswer(error, trace, policyOf) ?? respondWithError(error);
  return trace.bodyRead === true ? response : { ...response, closeConnection: true };
}

/** What is reported when a result comes past the deadline; the cause is its error, if it failed. */
export function lateError(cause: unknown): CallbackError {
  return new CallbackError('handler_timeout', { message: 'a result came past the deadline', cause });
}

/** What a report says of a request. */
export function reportOf(
  { envelope, rawBody, event }: Trace,
  error: CallbackError,
): Omit<FailureReport, 'kind'> {
  const command = event?.command ?? envelope?.entry?.info.name ?? envelope?.params.CallbackCommand;
  const issues = error instanceof InvalidBodyError ? error.issues : event?.issues;
  return {
    error,
    ...(envelope === undefined ? {} : { params: envelope.params }),
    ...(command === undefined ? {} : { command }),
    ...(rawBody === undefined ? {} : { rawBody: typeof rawBody === 'function' ? rawBody() : rawBody }),
    ...(event === undefined ? {} : { event }),
    ...(issues === undefined ? {} : { issues }),
  };
}
