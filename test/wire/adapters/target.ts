/** A place in which a receiver can stand, and what most of them are made of. */

import http, { type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { QcloudImOptions } from '../../../src/options/options.js';
import type { CallbackHandler } from '../../../src/receiver/handler.js';
import { type HttpAnswer, type HttpRequest, sendTo } from '../../support/http-client.js';

/** Status that the middleware behind the receiver gives. */
export const NEXT = 299;

/** A receiver that takes requests. */
export interface Running {
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** A place for a receiver. */
export interface Target {
  readonly name: string;
  /** The option `path` that it needs. */
  readonly path?: string;
  /** Status of a path that is not the receiver's. */
  readonly elsewhere: number;
  /** Makes its receiver, where that cannot be the one of these tests. */
  create?(options: QcloudImOptions): Promise<CallbackHandler>;
  start(handler: CallbackHandler): Promise<Running>;
}

/** Lets a server listen on a free port of 127.0.0.1. */
export async function listening(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    send: (request) => sendTo(port, request),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A place on Node's own server. */
export function onNode(
  name: string,
  elsewhere: number,
  listener: (handler: CallbackHandler) => RequestListener,
  path?: string,
): Target {
  return {
    name,
    elsewhere,
    ...(path === undefined ? {} : { path }),
    start: (handler) => listening(http.createServer(listener(handler))),
  };
}

/** The bytes of a request's body. */
export function bytesOf({ body = '' }: HttpRequest): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body;
}
