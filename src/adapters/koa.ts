/** The Koa adapter. Koa's types are described by their shape, so that nobody needs them. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { QcloudImOptions } from '../options/options.js';
import { CallbackHandler } from '../receiver/handler.js';
import { type Mounted, mounted } from './mounted.js';
import type { ParsedRequest } from './node-body.js';
import { isStillSending, requestFrom, writeResponse } from './node-request.js';
import { isPath } from './path.js';
import { loadRawParser } from './raw-parser.js';
import { isMisplaced } from './wrong-framework.js';

/** What the adapter needs of Koa's context. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: { readonly body?: unknown; readonly rawBody?: unknown };
  readonly path: string;
  readonly ip: string;
  status: number;
  body: unknown;
  /** `false`: Koa does not write the answer. */
  respond?: boolean;
  set(headers: Record<string, string>): void;
}

/** A Koa middleware. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/**
 * Makes the middleware: `app.use(qcloudIm({ sdkAppId, token, handlers, path: '/im/callback' }))`.
 * @param options Options of a new receiver, or a receiver to mount once more. Without `path` every path is ours.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(options: QcloudImOptions | CallbackHandler): KoaMiddleware & Mounted {
  const handler = CallbackHandler.from(options);
  const parser = loadRawParser(handler.bodyLimit);
  const middleware: KoaMiddleware = async (context, next, ...rest: unknown[]) => {
    if (isMisplaced('koa', [context, next, ...rest])) return;
    if (handler.path !== undefined && !isPath(context.path, handler.path)) {
      await next();
      return;
    }
    const req: ParsedRequest = context.req;
    // Koa's parsers leave what they made of the body on Koa's request, not on Node's.
    const { body = req.body, rawBody = req.rawBody } = context.request;
    const response = await handler.receive(
      requestFrom(req, context.res, parser(), context.ip, { body, rawBody }),
    );
    context.status = response.status;
    context.set({ ...response.headers });
    if (response.closeConnection) context.set({ connection: 'close' });
    context.body = response.body;
    if (!isStillSending(context.req, response)) return;
    // Koa would end the connection at once, and the sender may then lose the answer.
    context.respond = false;
    writeResponse(context.res, response);
  };
  return mounted(middleware, handler);
}
