/** The one place that publishes: what a receiver did for a callback goes to the channels, `observe` and the log. */

import type { Deadline } from '../base/deadline.js';
import { CallbackError, isClientError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { type Completion, channels, isHeard, traced } from '../observe/channels.js';
import type { CallbackMessage } from '../observe/message.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { AnyRoute, DefaultHandler } from '../options/routes.js';
import { isResponse } from '../pipeline/answer.js';
import type { Progress, Stage } from '../pipeline/failure.js';
import { isAnswer } from '../protocol/answers.js';
import { findCommand } from '../protocol/commands.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CallbackRequest, CallbackResponse } from '../protocol/http.js';

/** What an observer needs of the options, and who is told when a listener throws. */
export interface ObserverParts extends Pick<ResolvedOptions, 'observe' | 'lines' | 'now'> {
  /** Calls a listener that may throw. */
  readonly guard: (tell: () => void) => void;
}

/** Watches the work of one receiver, for whoever wants to know. */
export class Observer {
  readonly #parts: ObserverParts;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  /** Whether anybody wants to know of such work. Where not, it is to be done without this. */
  wants(operation: CallbackMessage['operation']): boolean {
    return (
      this.#parts.observe !== undefined ||
      isHeard(channels[operation]) ||
      (operation === 'receive' && this.#writesLines())
    );
  }

  /** A request, from its arrival to its answer. */
  receive(
    request: CallbackRequest,
    progress: Progress,
    work: () => Promise<CallbackResponse>,
  ): Promise<CallbackResponse> {
    const message = begun('receive');
    if (request.traceparent !== undefined) message.traceparent = request.traceparent;
    const clock = new StageClock(message.startedAt);
    message.stages = clock.stages;
    progress.clock = clock;
    const done = ({ status }: CallbackResponse): void => {
      message.status = status;
      tellProgress(message, progress);
      this.#tell(message);
      if (this.#writesLines()) this.#writeLine(message);
    };
    return traced(message, work, { done }) as Promise<CallbackResponse>;
  }

  /** A route whose handler is watched, where it runs before the answer. */
  watched(route: AnyRoute, deadline: Deadline): AnyRoute {
    if (route.async === true) return route;
    // Called on its route, as where nobody watches: it may use `this`.
    return { handle: this.watchedHandler((event) => route.handle(event), deadline) };
  }

  /** A handler, or default handler, that is watched. */
  watchedHandler<H extends DefaultHandler>(handle: H, deadline: Deadline): H {
    const over = (message: CallbackMessage): void => {
      if (deadline.remainingMs === 0) message.outcome = 'late';
      this.#tell(message);
    };
    const watched: DefaultHandler = (event) => {
      const message = begunWith('handle', event);
      return traced<unknown>(message, () => handle(event), {
        done: (returned) => {
          message.outcome = 'answered';
          tellAnswer(message, returned, undefined);
          over(message);
        },
        failed: (cause) => {
          fail(message, new CallbackError('handler_failed', { cause }));
          over(message);
        },
      }) as ReturnType<H>;
    };
    return watched as H;
  }

  /** An event on its way into the queue. */
  enqueue(
    event: AnyCallbackEvent,
    work: (event: AnyCallbackEvent) => void | Promise<void>,
  ): void | Promise<void> {
    const message = begunWith('enqueue', event);
    const put = (): void | Promise<void> => {
      const { traceparent } = message;
      return work(traceparent === event.traceparent ? event : event.withTraceparent(traceparent));
    };
    return traced(message, put, this.#completion(message, 'queued', 'queue_failed'));
  }

  /** A run of a handler behind the answer. */
  async run(event: AnyCallbackEvent, work: () => Promise<void>): Promise<void> {
    const message = begunWith('run', event);
    message.attempt = event.attempt;
    if (event.attempt === 1)
      message.queueWaitMs = Math.max(0, this.#parts.now() - event.receivedAt.getTime());
    await traced(message, work, this.#completion(message, 'done', 'handler_failed'));
  }

  #completion(
    message: CallbackMessage,
    outcome: 'queued' | 'done',
    code: 'queue_failed' | 'handler_failed',
  ): Completion<void> {
    return {
      done: () => {
        message.outcome = outcome;
        this.#tell(message);
      },
      failed: (thrown) => {
        fail(message, CallbackError.from(thrown, code));
        this.#tell(message);
      },
    };
  }

  #tell(message: CallbackMessage): void {
    this.#parts.guard(() => this.#parts.observe?.(message));
  }

  #writesLines(): boolean {
    const { lines } = this.#parts;
    return lines !== undefined && lines.isLevelEnabled?.('debug') !== false;
  }

  /** One line for each callback that the reporter has not written one for. */
  #writeLine(message: CallbackMessage): void {
    const { command, app, eventId, byteLength, outcome, error, answerCode, durationMs = 0, stages } = message;
    if (error !== undefined) return;
    const ms = Math.round(durationMs * 10) / 10;
    const details = { command, app, id: eventId, bytes: byteLength, outcome, answerCode, ms, stages };
    this.#parts.guard(() =>
      this.#parts.lines?.debug(details, `${printable(command || 'no command')} ${outcome} in ${ms} ms`),
    );
  }
}

/** Takes the times between the stages of a request. */
class StageClock {
  readonly stages: NonNullable<CallbackMessage['stages']> = {};
  #last: number;

  constructor(startedAt: number) {
    this.#last = startedAt;
  }

  passed(stage: Stage): void {
    const now = performance.now();
    this.stages[stage] = now - this.#last;
    this.#last = now;
  }
}

function begun(operation: CallbackMessage['operation']): CallbackMessage {
  return { operation, known: false, trusted: false, startedAt: performance.now() };
}

function begunWith(operation: CallbackMessage['operation'], event: AnyCallbackEvent): CallbackMessage {
  const message = begun(operation);
  message.trusted = true;
  tellEvent(message, event);
  if (event.traceparent !== undefined) message.traceparent = event.traceparent;
  return message;
}

function tellEvent(message: CallbackMessage, event: AnyCallbackEvent): void {
  const info = findCommand(event.command)?.info;
  message.command = event.command;
  message.phase = info?.phase ?? 'other';
  message.known = info !== undefined;
  message.app = event.sdkAppId;
  message.eventId = event.id;
  message.byteLength = event.rawBody.byteLength;
}

function fail(message: CallbackMessage, error: CallbackError): void {
  message.error = error;
  message.errorCode = error.code;
  message.outcome = error.code === 'handler_timeout' ? 'late' : isClientError(error) ? 'refused' : 'failed';
}

/** What a request had come to when it was answered. */
function tellProgress(message: CallbackMessage, progress: Progress): void {
  const { envelope, event, rawBody, tokenPosition, answer, error } = progress;
  message.trusted = progress.verified === true;
  if (tokenPosition !== undefined) message.tokenPosition = tokenPosition;
  if (progress.drift !== undefined) message.drift = progress.drift;
  if (event !== undefined) {
    tellEvent(message, event);
  } else if (envelope !== undefined) {
    const { SdkAppid, CallbackCommand } = envelope.params;
    const info = findCommand(CallbackCommand)?.info;
    message.command = info?.name ?? CallbackCommand;
    message.phase = info?.phase ?? 'other';
    message.known = info !== undefined;
    message.app = SdkAppid;
    if (rawBody instanceof Uint8Array) message.byteLength = rawBody.byteLength;
  }
  if (error !== undefined) {
    fail(message, error);
  } else if (answer === undefined) {
    message.outcome = 'url_check';
  } else {
    tellAnswer(message, progress.returned, answer);
    message.outcome = progress.duplicate ? 'duplicate' : progress.queued ? 'queued' : 'answered';
  }
}

const KINDS = { 0: 'ok', 2: 'drop' } as const;

/** @param answer what was made of it; `undefined` where nothing was yet. */
function tellAnswer(
  message: CallbackMessage,
  returned: unknown,
  answer: { readonly ErrorCode: number } | undefined,
): void {
  try {
    const body = answer ?? (isResponse(returned) ? returned : undefined);
    if (body !== undefined) message.answerCode = body.ErrorCode;
    if (isAnswer(returned)) message.answerKind = returned.kind;
    else if (body !== undefined) message.answerKind = KINDS[body.ErrorCode as keyof typeof KINDS] ?? 'refuse';
  } catch {
    // A getter of what was returned: the answer stage fails with it, and says so.
  }
}
