/** The Express adapter; a router of Express also works in Connect. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import bodyParser from 'body-parser';
import express, { type Request, type Router } from 'express';
import type { QcloudImOptions } from '../options/options.js';
import { CallbackHandler } from '../receiver/handler.js';
import { type Mounted, mounted } from './mounted.js';
import type { ParsedRequest } from './node-body.js';
import { pathOf, requestFrom, writeResponse } from './node-request.js';

/** A middleware as Connect and other frameworks on plain Node requests take it. */
export type ConnectMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** A router of Express that Connect takes as well, with the receiver behind it. */
export type QcloudImRouter = ConnectMiddleware & Router & Mounted;

/** Express and Connect make a path that ends at the mount path, and one with a slash behind it, the same. */
function isSlashBehindMount(originalUrl: string): boolean {
  const path = pathOf(originalUrl);
  return path !== '/' && path.endsWith('/');
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
    const isOurs =
      handler.path === undefined
        ? pathOf(req.url) === '/' && !isSlashBehindMount(req.originalUrl)
        : pathOf(req.url) === handler.path;
    if (!isOurs) return next();
    // Connect has no `ip`; Express knows the proxies that are trusted.
    const address = (req as Partial<Request>).ip ?? req.socket.remoteAddress;
    // receive() never rejects; writing to a connection that is gone does nothing.
    void handler
      .receive(requestFrom(req as ParsedRequest, res, parser, address))
      .then((response) => writeResponse(res, response));
  });
  // A router of Express reads only what plain Node requests have.
  return mounted(router as ConnectMiddleware & Router, handler);
}
