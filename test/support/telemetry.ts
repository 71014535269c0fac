/** BullMQ's telemetry at its smallest: the context is a text that `AsyncLocalStorage` keeps, and spans are nothing. */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span, Telemetry } from 'bullmq';

type Context = string | undefined;

const span: Span<Context> = {
  setSpanOnContext: (context) => context,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
};

/** A telemetry whose context is set with `contextManager.with`. */
export function storeTelemetry(): Telemetry<Context> {
  const store = new AsyncLocalStorage<Context>();
  return {
    tracer: { startSpan: () => span },
    contextManager: {
      with: (context, run) => store.run(context, run),
      active: () => store.getStore(),
      getMetadata: (context) => context ?? '',
      fromMetadata: (_active, metadata) => metadata,
    },
  };
}
