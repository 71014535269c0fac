/** The Express adapter; a router of Express also works in Connect. */

import bodyParser from 'body-parser';
import express, { type Request, type Router } from 'express';
import { CallbackHandler } from '../handler.js';
import type { QcloudImOptions } from '../options.js';
import type { CloseOptions, CloseResult } from '../queue/queue.js';
import type { ParsedRequest } from './node-body.js';
import { pathOf, requestFrom, writeResponse } from './node-request.js';

/** A router that receives callbacks at its mount path. */
export interface QcloudImRouter extends Router {
  /** The receiver behind the router; it can be mounted again with `qcloudIm(handler)`. */
  readonly handler: CallbackHandler;
  /** Resolves when the queue accepts events. */
  ready(): Promise<void>;
  /** Stops taking callbacks and drains the queue. */
  close(options?: CloseOptions): Promise<CloseResult>;
}

/**
 * Makes the router: `app.use('/im/callback', qcloudIm({ sdkAppId, token, handlers }))`.
 * @param options Options of a new receiver, or a receiver to mount once more.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(options: QcloudImOptions | CallbackHandler): QcloudImRouter {
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
  return Object.assign(router, {
    handler,
    ready: () => handler.ready(),
    close: (closeOptions?: CloseOptions) => handler.close(closeOptions),
  });
}
