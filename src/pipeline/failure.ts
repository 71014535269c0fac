/** What is answered when a stage failed: the failure's status, or what the owner's policy says. */

import { CallbackError, type CallbackErrorCode } from '../base/errors.js';
import type { DriftEntry } from '../observe/drift.js';
import type { FailureReport } from '../options/options.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CallbackResponse } from '../protocol/http.js';
import { type AnswerBody, policyResponse, respondWithError } from './answer.js';
import type { Envelope } from './envelope.js';
import { InvalidBodyError } from './validate.js';

/** What the runner notes of the way to an answer. */
export interface Notes {
  /** What was returned for an answer, before it became one. */
  returned?: unknown;
  /** Whether the event is in the queue. */
  queued?: boolean | undefined;
  /** Whether the answer is the one that the same event got before. */
  duplicate?: boolean | undefined;
}

/** What a request has come to so far; the stages fill it in. */
export interface Progress extends Notes {
  envelope?: Envelope | undefined;
  /** Whether the sender was trusted. */
  verified?: boolean | undefined;
  /** Which token has signed it, where there are several. */
  tokenPosition?: number | undefined;
  /** Whether nothing of the body is left on the wire. */
  bodyRead?: boolean | undefined;
  rawBody?: Uint8Array | (() => Uint8Array) | undefined;
  /** The decoded body, whether it fits its command or not. */
  body?: Record<string, unknown> | undefined;
  event?: AnyCallbackEvent | undefined;
  answer?: AnswerBody | undefined;
  error?: CallbackError | undefined;
  /** What differed from what is known, where it was looked at. */
  drift?: readonly Readonly<DriftEntry>[] | undefined;
  /** Told when a stage has been passed, where somebody wants to know. */
  clock?: { passed(stage: Stage): void } | undefined;
}

/** The progress of a request that has just come: with all its fields, so that filling them in costs nothing. */
export function progressOf(bodyRead: boolean): Progress {
  return {
    returned: undefined,
    queued: undefined,
    duplicate: undefined,
    envelope: undefined,
    verified: undefined,
    tokenPosition: undefined,
    bodyRead,
    rawBody: undefined,
    body: undefined,
    event: undefined,
    answer: undefined,
    error: undefined,
    drift: undefined,
    clock: undefined,
  };
}

/** The parts of the way to an answer. */
export type Stage = 'verify' | 'read' | 'validate' | 'handle';

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
  progress: Progress,
  policyOf: ResolvedOptions['onFailure'],
): CallbackResponse | undefined {
  const info = progress.envelope?.entry?.info;
  if (progress.verified !== true || info?.phase !== 'before' || !decidable.has(error.code)) return undefined;
  const policy = policyOf(info.name);
  return policy === 'status' ? undefined : policyResponse(policy, info, progress.body ?? {});
}

/** Answers a failure. The connection closes where the body was not read to its end. */
export function answerFailure(
  error: CallbackError,
  progress: Progress,
  policyOf: ResolvedOptions['onFailure'],
): CallbackResponse {
  const response = decidedAnswer(error, progress, policyOf) ?? respondWithError(error);
  return progress.bodyRead === true ? response : { ...response, closeConnection: true };
}

/** What is reported when a result comes past the deadline; the cause is its error, if it failed. */
export function lateError(cause: unknown): CallbackError {
  return new CallbackError('handler_timeout', { message: 'a result came past the deadline', cause });
}

/** What a report says of a request. */
export function reportOf(
  { envelope, rawBody, event }: Progress,
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
