/** The adapters describe their frameworks by shape; here the real types have to fit. */

import http from 'node:http';
import connect from 'connect';
import express, { type Express } from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { describe, expectTypeOf, test } from 'vitest';
import { qcloudIm as fastifyIm } from '../../src/fastify.js';
import { type FetchHandler, qcloudIm as fetchIm } from '../../src/fetch.js';
import { type CallbackHandler, createServer, qcloudIm as expressIm } from '../../src/index.js';
import { qcloudIm as koaIm } from '../../src/koa.js';
import { qcloudIm as nodeIm } from '../../src/node.js';

declare const options: { sdkAppId: 1400000000; token: string };
declare const handler: CallbackHandler;

/** What Next.js hands to a route handler beside the request. */
interface NextRouteContext {
  params: Promise<Record<string, string>>;
}
/** How Next.js checks the exports of a route file. */
type NextRoute = (request: Request, context: NextRouteContext) => Response | Promise<Response>;

/** What Cloudflare hands to a Worker beside the request. */
interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}
type WorkerFetch = (request: Request, env: object, context: WorkerContext) => Promise<Response>;

describe('the adapters', () => {
  test('Express takes the router, at a path and at the root', () => {
    const app = express();
    app.use('/im/callback', expressIm(options));
    app.use(expressIm(handler));
    app.post('/im', express.json(), expressIm(handler));
    express.Router().use(expressIm(handler));
  });

  test('Connect takes the node adapter and the router', () => {
    connect().use('/im/callback', nodeIm(options)).use('/im', expressIm(options)).use(nodeIm(handler));
  });

  test('Koa takes the middleware, also beside others and with a state of its own', () => {
    new Koa().use(bodyParser()).use(koaIm(options)).use(koaIm(handler));
    const app = new Koa();
    app.use(koaIm(options));
    app.use((context) => {
      expectTypeOf(context.path).toEqualTypeOf<string>();
    });
    new Koa<{ user: string }, { log(text: string): void }>().use(koaIm(handler));
  });

  test('Fastify takes the plugin, with a prefix and without', () => {
    const app = fastify();
    void app.register(fastifyIm(options), { prefix: '/im/callback' });
    void app.register(fastifyIm(handler));
    void fastify({ logger: true }).register(fastifyIm(handler), { prefix: '/im' });
  });

  test('Hono hands over its raw request, and what its platform knows', () => {
    const im = fetchIm(options);
    const app = new Hono();
    app.post('/im', (c) => im(c.req.raw));
    app.post('/im/worker', (c) => im(c.req.raw, c.executionCtx));
    app.post('/im/address', (c) => im(c.req.raw, { clientAddress: c.req.header('x-real-ip') ?? '' }));
  });

  test('Next.js and Workers take the handler as their own', () => {
    const im = fetchIm(options);
    expectTypeOf(im).toExtend<FetchHandler>();
    expectTypeOf(im).toExtend<NextRoute>();
    const worker: WorkerFetch = (request, _env, context) => im(request, context);
    expectTypeOf(worker).returns.resolves.toEqualTypeOf<Response>();
  });

  test('Node takes the listener', () => {
    http.createServer(nodeIm(options)).on('request', nodeIm(handler));
  });

  test('createServer takes an Express app and nothing else', () => {
    const app: Express = express();
    expectTypeOf(createServer(app)).toEqualTypeOf<http.Server>();
    // @ts-expect-error a router has no prototypes
    createServer(express.Router());
    // @ts-expect-error neither has Connect
    createServer(connect());
  });
});
