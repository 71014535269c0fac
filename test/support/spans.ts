/** Real spans of OpenTelemetry's own SDK, kept in memory. */

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

export interface SpanKeeper {
  /** The spans that have ended since the last look, in the order of their ends. */
  take(): ReadableSpan[];
  /** Takes the SDK away again. */
  remove(): void;
}

/** Makes this process keep its spans. */
export function keepSpans(): SpanKeeper {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    take() {
      const spans = exporter.getFinishedSpans();
      exporter.reset();
      return [...spans];
    },
    remove() {
      trace.disable();
      context.disable();
    },
  };
}

/** What tests look at of a span. */
export function shortOf(span: ReadableSpan) {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    status: SpanStatusCode[span.status.code],
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    links: span.links.map(({ context: linked }) => linked.spanId),
    attributes: span.attributes,
  };
}
