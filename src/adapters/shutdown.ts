/** Ends a server behind a proxy that keeps its connections, so that no request meets one that closes. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { settledWithin } from '../base/bounded-wait.js';
import { timerMs } from '../base/timers.js';
import { CLOSE_TIMEOUT_MS, type CloseOptions, type CloseResult } from '../queue/queue.js';
import type { CallbackHandler } from '../receiver/handler.js';

const DRAIN_MS = 5_000;

/** How often connections are looked for whose last answer has been given, in milliseconds. */
const LOOK_MS = 20;

/** How long an end may take; milliseconds. */
export interface ShutdownOptions extends CloseOptions {
  /**
   * How long requests are still taken. For the first half all goes on, so that probes and proxies see `health()`; for
   * the other half nobody can connect any more, and each connection that there is ends with its next answer. Defaults
   * to 5,000.
   */
  readonly drainMs?: number;
}

/**
 * Ends a server and its receiver: after `drainMs` what is being answered is waited for, and the queue is drained, in
 * `timeoutMs` at most. Call it when the process gets SIGTERM, and let the process end when it resolves.
 * @param server Of `node:http` or `node:https`; Express, Koa, Fastify (`app.server`) and Nest stand on one.
 * @param im What `qcloudIm` made, or its receiver.
 * @returns what `close()` of the receiver gives.
 */
export async function shutdown(
  server: Server,
  im: CallbackHandler | { readonly handler: CallbackHandler },
  { drainMs, timeoutMs }: ShutdownOptions = {},
): Promise<CloseResult> {
  const handler = 'handler' in im ? im.handler : im;
  const halfMs = timerMs(drainMs, DRAIN_MS) / 2;
  handler.leave();
  await sleep(halfMs);
  // A connection that is being made at this moment is reset. Proxies keep theirs, so that there are few: were those
  // closed before this, each request would make one.
  const closed = stopListening(server);
  // Before whatever answers it.
  server.prependListener('request', closeAfterIt);
  await settledWithin(closed, halfMs);
  const until = performance.now() + timerMs(timeoutMs, CLOSE_TIMEOUT_MS);
  const leftMs = (): number => Math.max(0, until - performance.now());
  server.close();
  const looking = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  // Half of the time is for the queue, whoever still reads an answer.
  await settledWithin(closed, leftMs() / 2);
  clearInterval(looking);
  server.closeAllConnections();
  return handler.close({ timeoutMs: leftMs() });
}

/** Resolves when no connection is left. Not by the server's own `close`, which ends connections that are idle. */
function stopListening(server: Server): Promise<unknown> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
}

function closeAfterIt({ httpVersionMajor }: IncomingMessage, res: ServerResponse): void {
  if (httpVersionMajor < 2 && !res.headersSent) res.setHeader('connection', 'close');
}
