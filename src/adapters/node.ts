/** The adapter of Node's own `http` server and of plain Connect. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_NOT_FOUND } from '../base/errors.js';
import type { QcloudImOptions } from '../options/options.js';
import { CallbackHandler } from '../receiver/handler.js';
import { type Mounted, mounted } from './mounted.js';
import { requestFrom, writeResponse } from './node-request.js';
import { isPath, pathOf } from './path.js';
import { loadRawParser } from './raw-parser.js';
import { isMisplaced } from './wrong-framework.js';

/** A request listener of `http.createServer`, and a middleware of Connect. */
export type NodeMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Makes the listener: `http.createServer(qcloudIm({ sdkAppId, token, handlers }))`.
 * @param options Options of a new receiver, or a receiver to mount once more. Without `path` every path is ours.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(options: QcloudImOptions | CallbackHandler): NodeMiddleware & Mounted {
  const handler = CallbackHandler.from(options);
  const parser = loadRawParser(handler.bodyLimit);
  const middleware: NodeMiddleware = (req, res, next) => {
    if (isMisplaced('node', [req, res, next])) return;
    if (handler.path !== undefined && !isPath(pathOf(req.url ?? ''), handler.path)) {
      if (next !== undefined) next();
      else res.writeHead(STATUS_NOT_FOUND).end();
      return;
    }
    // receive() never rejects, and writing to a connection that is gone does nothing; but others may have put hooks on
    // the response, which throw.
    void handler
      .receive(requestFrom(req, res, parser(), req.socket.remoteAddress))
      .then((response) => writeResponse(res, response))
      .catch(next);
  };
  return mounted(middleware, handler);
}
