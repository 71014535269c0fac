/** Translates between Node's request and response and the core. Every Node framework's adapter uses it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallbackRequest, type CallbackResponse, LINGER_MS } from '../protocol/http.js';
import { isBodiless, type Leftovers, type ParsedRequest, type RawParser, readNodeBody } from './node-body.js';
import { queryOf } from './path.js';

/**
 * A Node request as the core sees it.
 * @param left What other middleware has made of the body. Defaults to what it left on the request itself.
 */
export function requestFrom(
  req: ParsedRequest,
  res: ServerResponse,
  parser: RawParser | Promise<RawParser>,
  remoteAddress: string | undefined,
  left: Readonly<Leftovers> = req,
): CallbackRequest {
  return {
    method: req.method ?? '',
    query: queryOf(req.url ?? ''),
    remoteAddress,
    // Node joins what comes twice.
    traceparent: req.headers['traceparent'] as string | undefined,
    body: {
      received: req.readableEnded || isBodiless(req),
      read: (options) =>
        typeof parser === 'function'
          ? readNodeBody(req, res, parser, options, left)
          : parser.then((loaded) => readNodeBody(req, res, loaded, options, left)),
    },
  };
}

/** Whether the connection has to be closed while its sender still writes. */
export function isStillSending(req: IncomingMessage, { closeConnection }: CallbackResponse): boolean {
  // Platforms that imitate Node's objects know no `complete`, and have no connection.
  return closeConnection && req.complete === false;
}

/** Writes the answer, in one go. */
export function writeResponse(res: ServerResponse, response: CallbackResponse): void {
  const { status, headers, body, closeConnection } = response;
  // Somebody before us may have answered, or the client may be gone: there is nothing to write to then.
  if (res.headersSent || res.destroyed) return;
  if (closeConnection) res.setHeader('connection', 'close');
  res.writeHead(status, headers);
  if (isStillSending(res.req, response)) linger(res, body);
  else res.end(body);
}

/**
 * Sends the whole answer, but ends the response, and with it the connection, a moment later or when the client
 * has gone. Nothing is read in that moment, as the request is paused.
 */
function linger(res: ServerResponse, body: string): void {
  res.write(body);
  const end = (): void => {
    res.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  res.once('close', () => clearTimeout(timer));
  // A body that came along with the headers is known to be complete only now.
  setImmediate(() => {
    if (res.req.complete) end();
  });
}
