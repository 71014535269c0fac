/** The Express adapter; a router of Express also works in Connect. */

import bodyParser from 'body-parser';
import express, { type Request, type Router } from 'express';
import { CallbackHandler } from '../handler.js';
import type { QcloudImOptions } from '../options.js';
import { type Mounted, mounted } from './mounted.js';
import type { ParsedRequest } from './node-body.js';
import { pathOf, requestFrom, writeResponse } from './node-request.js';

/**
 * Makes the router: `app.use('/im/callback', qcloudIm({ sdkAppId, token, handlers }))`.
 * @param options Options of a new receiver, or a receiver to mount once more.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(options: QcloudImOptions | CallbackHandler): Router & Mounted {
  const handler = CallbackHandler.from(options);
  const parser = bodyParser.raw({ type: () => true, limit: handler.bodyLimit });
  const path = handler.path ?? '/';
  const router = express.Router();
  router.use((req, res, next) => {
    if (pathOf(req.url) !== path) return next();
    // Connect has no `ip`; Express knows the proxies that are trusted.
    const address = (req as Partial<Request>).ip ?? req.socket.remoteAddress;
    // receive() never rejects; writing to a connection that is gone does nothing.
    void handler
      .receive(requestFrom(req as ParsedRequest, res, parser, address))
      .then((response) => writeResponse(res, response));
  });
  return mounted(router, handler);
}
