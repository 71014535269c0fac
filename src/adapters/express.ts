/** The Express adapter; a router of Express also works in Connect. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import bodyParser from 'body-parser';
import express, { type Request, type Router } from 'express';
import type { QcloudImOptions } from '../options/options.js';
import { CallbackHandler } from '../receiver/handler.js';
import { type Mounted, mounted } from './mounted.js';
import type { ParsedRequest } from './node-body.js';
import { requestFrom, writeResponse } from './node-request.js';
import { isPath, pathOf } from './path.js';
import { isMisplaced } from './wrong-framework.js';

/** A middleware as Connect and other frameworks on plain Node requests take it. */
export type ConnectMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** A router of Express that Connect takes as well, with the receiver behind it. */
export type QcloudImRouter = ConnectMiddleware & Router & Mounted;

/** Whether this router is the handler of a route: `app.post(path, qcloudIm(…))`. Express then leaves the path on it. */
function isInRoute(route: unknown, router: Router): boolean {
  const { stack } = (route ?? {}) as { readonly stack?: readonly { readonly handle: unknown }[] };
  return stack?.some(({ handle }) => handle === router) === true;
}

/**
 * Makes the router: `app.use('/im/callback', qcloudIm({ sdkAppId, token, handlers }))`.
 * @param options Options of a new receiver, or a receiver to mount once more.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(options: QcloudImOptions | CallbackHandler): QcloudImRouter {
  const handler = CallbackHandler.from(options);
  const parser = bodyParser.raw({ type: () => true, limit: handler.bodyLimit });
  const router = express.Router();
  router.use((req, res, next) => {
    // A router is called with its mount path taken off, and as the handler of a route with the whole.
    const isOurs = isPath(pathOf(req.url), handler.path ?? '/') || isInRoute(req.route, router);
    if (!isOurs) return next();
    // Connect has no `ip`; Express knows the proxies that are trusted.
    const address = (req as Partial<Request>).ip ?? req.socket.remoteAddress;
    // receive() never rejects, and writing to a connection that is gone does nothing; but others may have put hooks on
    // the response, which throw.
    void handler
      .receive(requestFrom(req as ParsedRequest, res, parser, address))
      .then((response) => writeResponse(res, response))
      .catch(next);
  });
  // What Express and Connect call is a function that calls this: the only place before Express's own checks.
  const { handle } = router as unknown as { handle(...args: readonly unknown[]): void };
  Object.assign(router, {
    handle(...args: readonly unknown[]): void {
      if (!isMisplaced('express', args)) handle.apply(router, [...args]);
    },
  });
  // A router of Express reads only what plain Node requests have.
  return mounted(router as ConnectMiddleware & Router, handler);
}
