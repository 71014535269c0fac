/** The flow of one request, or of one event without a request, from its arrival to its answer. */

import { decodeUtf8, sharesTimers } from '#platform';
import { Alarm } from '../base/alarm.js';
import { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { Drift } from '../observe/drift.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { type AnswerBody, respond, respondToUrlCheck } from '../pipeline/answer.js';
import { decodeBody, rawBodyOf, readBody } from '../pipeline/body.js';
import { readEnvelope } from '../pipeline/envelope.js';
import { answerFailure, lateError, type Progress, progressOf, reportOf } from '../pipeline/failure.js';
import { settleIssues, validateBody } from '../pipeline/validate.js';
import type { Verifier } from '../pipeline/verify.js';
import { findCommand } from '../protocol/commands.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CallbackRequest, CallbackResponse } from '../protocol/http.js';
import { eventFrom } from '../protocol/received-event.js';
import type { SchemaChecks } from '../protocol/user-schemas.js';
import type { Lifetime } from './lifetime.js';
import type { Observer } from './observer.js';
import { bodyAgain } from './rebuild.js';
import type { Reporter } from './reporter.js';
import type { Runner } from './runner.js';
import type { Vitals } from './vitals.js';

/** The parts of a receiver that a request passes. */
export interface Receiver {
  readonly options: ResolvedOptions;
  readonly verifier: Verifier;
  readonly schemas: SchemaChecks | undefined;
  readonly runner: Runner;
  readonly reporter: Reporter;
  readonly lifetime: Lifetime;
  /** For what is answered behind an open connection: it keeps no process alive. */
  readonly alarm: Alarm;
  readonly observer: Observer;
  readonly vitals: Vitals;
  /** `undefined`: no body is compared with what is known. */
  readonly drift: Drift | undefined;
}

/** The time of a request; what comes after it is reported with what the request had come to. */
function deadlineFor(progress: Progress, { options, reporter, vitals }: Receiver, alarm: Alarm): Deadline {
  return new Deadline(
    options.deadlineMs,
    ({ error }) => {
      vitals.lateResults += 1;
      reporter.report({ ...reportOf(progress, lateError(error)), kind: 'late' }, true);
    },
    alarm,
  );
}

/** Answers a request, stage after stage. Never rejects: every failure is an answer. */
export function receive(request: CallbackRequest, receiver: Receiver): Promise<CallbackResponse> {
  const { observer } = receiver;
  const progress = progressOf(request.body.received);
  if (!observer.wants('receive')) return answer(request, receiver, progress);
  return observer.receive(request, progress, () => answer(request, receiver, progress));
}

async function answer(
  request: CallbackRequest,
  receiver: Receiver,
  progress: Progress,
): Promise<CallbackResponse> {
  const { options, lifetime, vitals } = receiver;
  const deadline = deadlineFor(progress, receiver, sharesTimers ? receiver.alarm : new Alarm());
  lifetime.begin();
  vitals.lastAt = deadline.startedAt;
  try {
    receiver.verifier.checkAddress(request.remoteAddress);
    const envelope = readEnvelope(request);
    progress.envelope = envelope;

    const verifying = receiver.verifier.verify(envelope, deadline);
    const position = isThenable(verifying) ? await verifying : verifying;
    progress.verified = true;
    progress.tokenPosition = position;
    vitals.trusted(deadline.startedAt, position);
    progress.clock?.passed('verify');
    if (lifetime.isClosing) throw new CallbackError('closing');

    // Only what has to be waited for is awaited: every promise costs time.
    const reading = readBody(request.body, options.bodyLimit, deadline);
    const content = isThenable(reading) ? await reading : reading;
    progress.bodyRead = true;
    progress.rawBody = rawBodyOf(content);
    const { value: body, rawBody } = decodeBody(content, options.bodyLimit);
    progress.rawBody = rawBody;
    if (body === undefined) return respondToUrlCheck();
    progress.body = body;
    progress.clock?.passed('read');

    const { command, issues } = validateBody(envelope, body, options.acceptInvalid);
    const checking = receiver.schemas?.issues(command, body);
    const own = isThenable(checking) ? await checking : checking;

    const event = eventFrom({
      command,
      params: envelope.params,
      body,
      rawBody,
      bodyAgain,
      receivedAt: options.now(),
      issues: own === undefined ? issues : settleIssues([...issues, ...own], options.acceptInvalid),
      signal: () => deadline.signal,
      traceparent: request.traceparent,
    });
    progress.event = event;
    if (receiver.drift?.isDue() === true) lookForDrift(receiver, progress);
    progress.clock?.passed('validate');

    const answering = receiver.runner.answer(event, deadline, progress, request.background);
    const answered = isThenable(answering) ? await answering : answering;
    progress.clock?.passed('handle');
    progress.answer = answered;
    return respond(answered);
  } catch (thrown) {
    const error = CallbackError.from(thrown, 'internal');
    progress.error = error;
    vitals.refused(error);
    if (error.code === 'body_invalid') lookForDrift(receiver, progress);
    receiver.reporter.report({ ...reportOf(progress, error), kind: 'request' }, progress.verified === true);
    return answerFailure(error, progress, options.onFailure);
  } finally {
    deadline.end();
    lifetime.end();
  }
}

/** Compares the body as it came: what the stages work on has been given other types. Never throws. */
function lookForDrift({ drift, reporter }: Receiver, progress: Progress): void {
  const { envelope, event, rawBody } = progress;
  const command = event?.command ?? envelope?.entry?.info.name ?? '';
  reporter.guard(() => {
    const bytes = event?.rawBody ?? (typeof rawBody === 'function' ? rawBody() : rawBody);
    // It was decoded before, so that it can be decoded.
    const body: unknown = JSON.parse(decodeUtf8(bytes as Uint8Array) as string);
    progress.drift = drift?.look(command, findCommand(command) !== undefined, body);
  });
}

/**
 * Answers an event that came without a request.
 * @throws CallbackError `closing`, or what `Runner.answer` throws.
 */
export async function answerEvent(event: AnyCallbackEvent, receiver: Receiver): Promise<AnswerBody> {
  const { runner, lifetime } = receiver;
  if (lifetime.isClosing) throw new CallbackError('closing');
  const progress: Progress = { event };
  const deadline = deadlineFor(progress, receiver, new Alarm());
  lifetime.begin();
  try {
    return await runner.answer(event, deadline, progress);
  } finally {
    deadline.end();
    lifetime.end();
  }
}
