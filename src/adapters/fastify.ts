/** The Fastify adapter: a plugin whose route answers before Fastify's own body parsers run. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { QcloudImOptions } from '../options/options.js';
import { CallbackHandler } from '../receiver/handler.js';
import { type Mounted, mounted } from './mounted.js';
import { requestFrom } from './node-request.js';
import { loadRawParser } from './raw-parser.js';
import { isMisplaced } from './wrong-framework.js';

/** What the adapter needs of Fastify's request. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly ip: string;
}

/** What the adapter needs of Fastify's reply. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  code(status: number): FastifyReplyLike;
  headers(headers: Record<string, string>): FastifyReplyLike;
  send(body: string): FastifyReplyLike;
}

type RouteHook = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<FastifyReplyLike>;

/** What the adapter needs of a Fastify instance. */
export interface FastifyInstanceLike {
  all(url: string, options: { onRequest: RouteHook }, handler: RouteHook): unknown;
  addHook(name: 'onReady' | 'onClose', hook: () => Promise<void>): unknown;
}

/** A Fastify plugin. It is encapsulated: the app's own parsers stay as they are. */
export type FastifyPlugin = (instance: FastifyInstanceLike, options: unknown, done: () => void) => void;

/**
 * Makes the plugin: `app.register(qcloudIm({ sdkAppId, token, handlers }), { prefix: '/im/callback' })`. A
 * receiver made from options is closed with the app; one that was handed in is closed by whoever made it.
 * @param options Options of a new receiver, or a receiver to mount once more.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(options: QcloudImOptions | CallbackHandler): FastifyPlugin & Mounted {
  const handler = CallbackHandler.from(options);
  const parser = loadRawParser(handler.bodyLimit);
  const answer: RouteHook = async (request, reply) => {
    const response = await handler.receive(requestFrom(request.raw, reply.raw, parser(), request.ip));
    const close: Record<string, string> = response.closeConnection ? { connection: 'close' } : {};
    return reply
      .code(response.status)
      .headers({ ...response.headers, ...close })
      .send(response.body);
  };
  const plugin: FastifyPlugin = (instance, pluginOptions, done) => {
    if (isMisplaced('fastify', [instance, pluginOptions, done])) return;
    // The hook answers, so that Fastify reads no body; a route has to have a handler all the same.
    instance.all(handler.path ?? '/', { onRequest: answer }, answer);
    instance.addHook('onReady', () => handler.ready());
    if (handler !== options) {
      instance.addHook('onClose', async () => {
        await handler.close();
      });
    }
    done();
  };
  return mounted(plugin, handler);
}
