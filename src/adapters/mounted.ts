/** What every adapter hands out beside its middleware: the receiver behind it. */

import type { CloseOptions, CloseResult } from '../queue/queue.js';
import type { CallbackHandler } from '../receiver/handler.js';

/** The receiver behind a middleware. */
export interface Mounted {
  /** The receiver; it can be mounted again with `qcloudIm(handler)`, also in another framework. */
  readonly handler: CallbackHandler;
  /** Resolves when the queue accepts events. */
  ready(): Promise<void>;
  /** Stops taking callbacks and drains the queue. */
  close(options?: CloseOptions): Promise<CloseResult>;
}

/** Puts the receiver beside a middleware. */
export function mounted<Middleware extends object>(
  middleware: Middleware,
  handler: CallbackHandler,
): Middleware & Mounted {
  return Object.assign(middleware, {
    handler,
    ready: () => handler.ready(),
    close: (options?: CloseOptions) => handler.close(options),
  });
}
