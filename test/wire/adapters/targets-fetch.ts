/** The places for a receiver that speak `Request` and `Response`. */

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { type FetchHandler, qcloudIm } from '../../../src/adapters/fetch.js';
import type * as fetchEntry from '../../../src/fetch.js';
import { bundle, type Realm, realmOf, VERCEL, type Web, WORKERS, WORKERS_HAVE } from '../../support/edge.js';
import { type HttpAnswer, type HttpRequest, OWN_PATH } from '../../support/http-client.js';
import { bytesOf, listening, type Running, type Target } from './target.js';

const ADDRESS = '127.0.0.1';

const hono: Target = {
  name: 'Hono on its Node server',
  path: OWN_PATH,
  elsewhere: 404,
  async start(handler) {
    const im = qcloudIm(handler, { background: true });
    const app = new Hono();
    app.all('*', (c) => {
      const { address } = getConnInfo(c).remote;
      return im(c.req.raw, { clientAddress: address });
    });
    // Of HTTP/1, as nothing else is asked for.
    return listening(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
};

/** Calls a handler as its platform does. */
async function call(
  handler: (request: Request) => Promise<Response>,
  web: Web,
  sent: HttpRequest,
): Promise<HttpAnswer> {
  const { method = 'POST', path = OWN_PATH, query, headers = {}, after = 'end' } = sent;
  const body = new web.ReadableStream({
    start(controller) {
      controller.enqueue(bytesOf(sent));
      if (after === 'end') controller.close();
      else if (after === 'cut') controller.error(new Error('the client is gone'));
    },
  });
  const request = new web.Request(`https://im.example${path}?${query}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body, duplex: 'half' }),
  });
  const response = await handler(request);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

const next: Target = {
  name: 'a Next.js route handler',
  path: OWN_PATH,
  elsewhere: 404,
  async start(handler) {
    const POST = qcloudIm(handler, { background: true });
    return {
      send: (request) => call((made) => POST(made, { clientAddress: ADDRESS }), globalThis, request),
      close: async () => undefined,
    };
  },
};

/** A receiver whose code is bundled for an edge runtime and runs in a realm without Node. */
function edge(name: string, conditions: readonly string[], globals?: object): Target {
  let loading: Promise<Realm<typeof fetchEntry>> | undefined;
  const realm = (): Promise<Realm<typeof fetchEntry>> => {
    loading ??= bundle('dist/esm/fetch.js', conditions).then((made) => realmOf(made, globals));
    return loading;
  };
  return {
    name,
    path: OWN_PATH,
    elsewhere: 404,
    async create(options) {
      return new (await realm()).exports.CallbackHandler(options);
    },
    async start(handler): Promise<Running> {
      const { exports, web } = await realm();
      const im: FetchHandler = exports.qcloudIm(handler);
      const kept: Promise<unknown>[] = [];
      const context = { clientAddress: ADDRESS, waitUntil: (work: Promise<unknown>) => kept.push(work) };
      return {
        send: (request) => call((made) => im(made, context), web, request),
        close: async () => undefined,
      };
    },
  };
}

export const fetchTargets: readonly Target[] = [
  hono,
  next,
  edge("Vercel's edge runtime", VERCEL),
  edge('Workers', WORKERS, WORKERS_HAVE),
];
