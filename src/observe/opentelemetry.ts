/** Spans for OpenTelemetry, on its API alone: which SDK makes and sends them is up to the user. */

import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { version } from '../generated/version.js';
import { subscribe } from './channels.js';
import type { CallbackMessage } from './message.js';

const NAME = 'qcloud-im-callback';

/** Parts of a `traceparent`. That of a request may hold anything: tracers take no parent whose ids are none. */
const PARTS = /^..-(.{32})-(.{16})-(..)$/;

const HEXADECIMAL = 16;

/** The span that a `traceparent` names. */
function remoteSpanOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = PARTS.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, HEXADECIMAL), isRemote: true };
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(HEXADECIMAL).padStart(2, '0')}`;
}

/** Attributes; a span takes none that is undefined. */
function attributesOf(message: CallbackMessage): Attributes {
  const { command, known, trusted, app } = message;
  return {
    // What a stranger has written is no attribute.
    'qcloud_im.command': known || trusted ? command : undefined,
    'qcloud_im.app': trusted ? app : undefined,
    'qcloud_im.event_id': message.eventId,
    'qcloud_im.outcome': message.outcome,
    'qcloud_im.answer.kind': message.answerKind,
    'qcloud_im.answer.code': message.answerCode,
    'qcloud_im.attempt': message.attempt,
    'error.type': message.errorCode,
    'http.response.status_code': message.status,
  };
}

/** By the conventions for messaging, whose constants the packages keep among those that may still change. */
function messagingAttributes(operation: 'send' | 'process', message: CallbackMessage): Attributes {
  const { command = '', eventId = '', byteLength = 0 } = message;
  return {
    'messaging.system': 'qcloud_im',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': command,
    'messaging.message.id': eventId,
    'messaging.message.body.size': byteLength,
  };
}

/** Whether the end of a span is no success, as the conventions for servers see it: what a client did wrong is none. */
function isFailure({ outcome }: CallbackMessage): boolean {
  return outcome === 'failed' || outcome === 'late';
}

/**
 * Makes spans of what all receivers of this process do, from now on:
 *
 * - a request: attributes for the span of the server that is there; where there is none, one of its own, in the trace
 *   that the header `traceparent` names;
 * - `handle <command>`, around the handler;
 * - `send <command>`, around the enqueue; its context is kept with the event, in every queue;
 * - `process <command>`, a trace of its own around each run, also in another process, linked to that context.
 *
 * Gives a function that ends it.
 */
export function traceCallbacks(): () => void {
  const spans = new WeakMap<CallbackMessage, { readonly span: Span; readonly own: boolean }>();
  const tracer = trace.getTracer(NAME, version);

  /** Begins a span that is there while the work is done. */
  const begin = (message: CallbackMessage, name: string, options: SpanOptions, parent: Context): Span => {
    const span = tracer.startSpan(name, options, parent);
    spans.set(message, { span, own: true });
    const within = trace.setSpan(parent, span);
    message.runIn = (work) => context.with(within, work);
    return span;
  };

  const starts: Record<CallbackMessage['operation'], (message: CallbackMessage) => void> = {
    receive(message) {
      const active = context.active();
      const there = trace.getSpan(active);
      if (there !== undefined) {
        spans.set(message, { span: there, own: false });
        return;
      }
      const caller = remoteSpanOf(message.traceparent);
      const parent = caller === undefined ? active : trace.setSpanContext(active, caller);
      begin(
        message,
        'POST',
        { kind: SpanKind.SERVER, attributes: { 'http.request.method': 'POST' } },
        parent,
      );
    },
    handle(message) {
      begin(message, `handle ${message.command}`, {}, context.active());
    },
    enqueue(message) {
      const attributes = messagingAttributes('send', message);
      const options = { kind: SpanKind.PRODUCER, attributes };
      message.traceparent = traceparentOf(
        begin(message, `send ${message.command}`, options, context.active()),
      );
    },
    run(message) {
      const sent = remoteSpanOf(message.traceparent);
      const links = sent === undefined ? [] : [{ context: sent }];
      const attributes = messagingAttributes('process', message);
      // A worker goes on from event to event: the context that is active is that of any request.
      begin(
        message,
        `process ${message.command}`,
        { kind: SpanKind.CONSUMER, attributes, links },
        ROOT_CONTEXT,
      );
    },
  };

  const end = (message: CallbackMessage): void => {
    const { span, own } = spans.get(message) ?? {};
    if (span === undefined) return;
    span.setAttributes(attributesOf(message));
    const { error } = message;
    if (error !== undefined && isFailure(message)) {
      span.recordException(error.cause instanceof Error ? error.cause : error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    }
    if (!own) return;
    span.end();
  };

  const stops = (['receive', 'handle', 'enqueue', 'run'] as const).flatMap((operation) => [
    subscribe(operation, 'start', starts[operation]),
    subscribe(operation, 'asyncEnd', end),
  ]);
  return () => {
    for (const stop of stops) stop();
  };
}
