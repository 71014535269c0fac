/** The Express entry where it is mounted: Express 5, Express 4 and Connect, on real ports. */

import http, { type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import connect from 'connect';
import express from 'express';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { serverFor } from '../../src/adapters/express-server.js';
import { type AnyCallbackEvent, CallbackHandler, qcloudIm, refuse } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { baseOptions, signedQueryFor } from '../support/requests.js';
import {
  answerOf,
  exchange,
  head,
  listen,
  type Middleware,
  RawClient,
  requestBytes,
  type TestServer,
} from '../support/sockets.js';

const COMMAND = 'C2C.CallbackBeforeSendMsg';
const BODY = JSON.stringify(sampleBody(COMMAND));
const PATH = '/im/callback';
/** Status that whoever stands behind the receiver gives. */
const NEXT = 299;

/** What the tests call is the same in both; Express 4 has no types here. */
const express4 = createRequire(import.meta.url)('express4') as typeof express;

interface App {
  use(path: string, middleware: Middleware): unknown;
}

const frameworks: readonly { readonly name: string; make(): App & RequestListener }[] = [
  { name: 'Express 5', make: () => express() },
  { name: 'Express 4', make: () => express4() },
  { name: 'Connect', make: () => connect() },
];

let running: TestServer | undefined;
let query: string;
const events: AnyCallbackEvent[] = [];

beforeAll(async () => {
  query = await signedQueryFor(COMMAND);
});

afterEach(async () => {
  events.length = 0;
  await running?.close();
});

function receiver(options: object = {}): CallbackHandler {
  return new CallbackHandler({
    ...baseOptions,
    defaultHandler: (event) => {
      events.push(event);
    },
    ...options,
  });
}

const behind: Middleware = (_req, res) => {
  res.writeHead(NEXT, { 'content-length': '0' }).end();
};

describe.each(frameworks)('$name', ({ make }) => {
  /** Starts an app with the receiver at a path and somebody behind it. */
  async function start(path: string, handler = receiver()): Promise<number> {
    const app = make();
    app.use(path, qcloudIm(handler));
    app.use('/', behind);
    running = await listen(app);
    return running.port;
  }

  it.each([
    [PATH, PATH],
    [PATH, `${PATH}/`],
    ['/', '/'],
    [`${PATH}/`, PATH],
  ])('mounted at %s answers %s', async (mountPath, path) => {
    const answer = await exchange(await start(mountPath), requestBytes(`${path}?${query}`, BODY));
    expect(answer.status).toBe(200);
    expect(answerOf(answer)).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
    expect(events.map(({ command }) => command)).toEqual([COMMAND]);
  });

  it.each([
    [PATH, `${PATH}/more`],
    [PATH, `${PATH}x`],
    [PATH, '/im'],
    [PATH, '/'],
    ['/', '/more'],
  ])('mounted at %s leaves %s to whoever is next', async (mountPath, path) => {
    const port = await start(mountPath);
    expect(await exchange(port, requestBytes(`${path}?${query}`, BODY))).toMatchObject({ status: NEXT });
    expect(await exchange(port, head(path, {}, 'GET'))).toMatchObject({ status: NEXT });
    expect(events).toEqual([]);
  });

  it('with the option path answers that path and no other', async () => {
    const port = await start('/', receiver({ path: PATH }));
    expect(await exchange(port, requestBytes(`${PATH}?${query}`, BODY))).toMatchObject({ status: 200 });
    expect(await exchange(port, requestBytes(`${PATH}/?${query}`, BODY))).toMatchObject({ status: 200 });
    for (const path of ['/', `${PATH}/more`]) {
      expect(await exchange(port, requestBytes(`${path}?${query}`, BODY))).toMatchObject({ status: NEXT });
    }
    expect(events).toHaveLength(2);
  });

  it('hands on what a hook of another middleware on the response throws', async () => {
    const app = make();
    app.use(PATH, (_req, res, next) => {
      const { writeHead } = res;
      res.writeHead = () => {
        res.writeHead = writeHead;
        throw new Error('a hook on writeHead');
      };
      next();
    });
    app.use(PATH, qcloudIm(receiver()));
    running = await listen(app);
    const answer = await exchange(running.port, requestBytes(`${PATH}?${query}`, BODY));
    expect(answer.status).toBe(500);
  });

  it('mounts one receiver twice', async () => {
    const handler = receiver();
    const app = make();
    app.use('/one', qcloudIm(handler));
    app.use('/two', qcloudIm(handler));
    running = await listen(app);
    for (const path of ['/one', '/two']) {
      expect(await exchange(running.port, requestBytes(`${path}?${query}`, BODY))).toMatchObject({
        status: 200,
      });
    }
    expect(events).toHaveLength(2);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('answers %s with 405', async (method) => {
    const answer = await exchange(await start(PATH), head(`${PATH}?${query}`, {}, method));
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(answerOf(answer)).toMatchObject({ ActionStatus: 'FAIL', ErrorCode: 40501 });
    // There is no body to wait for, so the connection can stay.
    expect(answer.headers['connection']).toBe('keep-alive');
  });

  it('answers HEAD with 405 and no body', async () => {
    const client = new RawClient(await start(PATH), { isHead: true });
    const answer = await client.write(head(`${PATH}?${query}`, {}, 'HEAD')).answer();
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    client.write(head('/', { connection: 'close' }, 'HEAD'));
    expect(await client.answer()).toMatchObject({ status: NEXT });
    await client.closed;
    expect(client.received.toString()).toBe('');
  });

  it('answers pipelined requests in their order', async () => {
    const port = await start(
      PATH,
      receiver({
        defaultHandler: async (event: AnyCallbackEvent) => {
          const order = Number(event.extra('Order'));
          // The first one takes longest.
          await new Promise((resolve) => setTimeout(resolve, 30 - order * 10));
          return refuse(120_001, `${order}`);
        },
      }),
    );
    const client = new RawClient(port);
    for (const order of [0, 1, 2]) {
      client.write(
        requestBytes(`${PATH}?${query}`, JSON.stringify({ ...sampleBody(COMMAND), Order: order })),
      );
    }
    const said = [];
    for (let count = 0; count < 3; count++) said.push(answerOf(await client.answer())['ErrorInfo']);
    client.destroy();
    expect(said).toEqual(['0', '1', '2']);
  });

  it('answers in Chinese and emoji with the exact length', async () => {
    const text = '请勿发送垃圾信息 🙏 \u0000"\\';
    const port = await start(PATH, receiver({ defaultHandler: () => refuse(120_001, text) }));
    const client = new RawClient(port);
    for (let count = 0; count < 2; count++) {
      const answer = await client.write(requestBytes(`${PATH}?${query}`, BODY)).answer();
      expect(answerOf(answer)).toEqual({ ActionStatus: 'OK', ErrorCode: 120_001, ErrorInfo: text });
    }
    client.destroy();
    await client.closed;
    expect(client.received.toString()).toBe('');
  });

  it('stays quiet when somebody has answered before', async () => {
    const app = make();
    app.use('/', (_req, res, next) => {
      res.writeHead(NEXT, { 'content-length': '0' }).end();
      next();
    });
    app.use(PATH, qcloudIm(receiver()));
    running = await listen(app);
    const client = new RawClient(running.port).write(requestBytes(`${PATH}?${query}`, BODY));
    expect(await client.answer()).toMatchObject({ status: NEXT });
    await vi.waitFor(() => expect(events).toHaveLength(1));
    expect(await client.write(head('/', {}, 'GET')).answer()).toMatchObject({ status: NEXT });
    client.destroy();
  });

  it('stays quiet when the client has gone before the answer', async () => {
    let finish = (): void => undefined;
    const called = new Promise<AbortSignal>((resolve) => {
      const defaultHandler = (event: AnyCallbackEvent): Promise<void> => {
        resolve(event.signal);
        return new Promise((done) => {
          finish = done;
        });
      };
      void start(PATH, receiver({ defaultHandler })).then((port) => {
        const client = new RawClient(port).write(requestBytes(`${PATH}?${query}`, BODY));
        void called.then(() => client.destroy());
      });
    });
    await called;
    await vi.waitFor(() => expect(running?.sockets[0]?.destroyed).toBe(true));
    // vitest fails the run for an unhandled rejection.
    finish();
    const port = running?.port ?? 0;
    const next = exchange(port, requestBytes(`${PATH}?${query}`, '{}'));
    expect(await next).toMatchObject({ status: 200 });
  });

  it('takes the address from the connection', async () => {
    const port = await start(PATH, receiver({ allowFrom: ['127.0.0.1'] }));
    expect(await exchange(port, requestBytes(`${PATH}?${query}`, BODY))).toMatchObject({ status: 200 });
    await running?.close();
    const closed = await start(PATH, receiver({ allowFrom: ['192.0.2.0/24'] }));
    expect(await exchange(closed, requestBytes(`${PATH}?${query}`, BODY))).toMatchObject({ status: 403 });
  });
});

describe('Express', () => {
  it.each([
    [express, 1, 200],
    [express, false, 403],
    [express4, 1, 200],
    [express4, false, 403],
  ])('decides which proxies are trusted', async (make, trusted, status) => {
    const app = make().set('trust proxy', trusted);
    app.use(PATH, qcloudIm(receiver({ allowFrom: ['192.0.2.7'] })));
    running = await listen(app);
    const request = requestBytes(`${PATH}?${query}`, BODY, { 'x-forwarded-for': '192.0.2.7' });
    expect(await exchange(running.port, request)).toMatchObject({ status });
  });

  it.each([
    ['Express 5', express],
    ['Express 4', express4],
  ])('answers as the handler of a route: app.post(path, qcloudIm(…)), in %s', async (_, make) => {
    const app = make();
    const receiverOfPost = qcloudIm(receiver());
    app.all('/im/stale', (_req, _res, next) => next());
    app.use('/im/stale', qcloudIm(receiver()));
    app.post(PATH, receiverOfPost);
    app.use((_req, res) => void res.status(NEXT).end());
    running = await listen(app);
    const { port } = running;
    const statusOf = async (path: string) =>
      (await exchange(port, requestBytes(`${path}?${query}`, BODY))).status;
    expect(await statusOf(PATH)).toBe(200);
    expect(await statusOf(`${PATH}/`)).toBe(200);
    expect(await statusOf(`${PATH}/more`)).toBe(NEXT);
    // A route that went on leaves itself on the request.
    expect(await statusOf('/im/stale')).toBe(200);
    expect(await statusOf('/im/stale/more')).toBe(NEXT);
  });

  it('lets other routes stand beside the receiver, in a router of its own', async () => {
    const router = express.Router();
    router.use('/callback', qcloudIm(receiver()));
    router.post('/callback/more', (_req, res) => void res.status(NEXT).end());
    const app = express().use('/im', router);
    app.post('/im/other', express.json(), (req, res) => void res.json(req.body));
    running = await listen(app);
    const { port } = running;
    expect(await exchange(port, requestBytes(`${PATH}?${query}`, BODY))).toMatchObject({ status: 200 });
    expect(await exchange(port, requestBytes(`${PATH}/more`, BODY))).toMatchObject({ status: NEXT });
    const other = requestBytes('/im/other', '{"a":1}', { 'content-type': 'application/json' });
    expect((await exchange(port, other)).body.toString()).toBe('{"a":1}');
  });

  it.each(['20.0.0', '24.0.0'])(
    'works on the server that createServer makes for Node %s',
    async (version) => {
      const app = express().use(PATH, qcloudIm(receiver()));
      app.use((req, res) => void res.status(NEXT).json({ ip: req.ip, app: req.app === app }));
      const server = serverFor(app, version);
      expect(server).toBeInstanceOf(http.Server);
      running = await listen(server);
      const { port } = running;
      expect(await exchange(port, requestBytes(`${PATH}?${query}`, BODY))).toMatchObject({ status: 200 });
      const { body } = await exchange(port, head('/', {}, 'GET'));
      expect(JSON.parse(body.toString())).toEqual({ ip: '127.0.0.1', app: true });
    },
  );

  it('hands out the receiver, its ready() and its close()', async () => {
    const handler = receiver();
    const im = qcloudIm(handler);
    expect(im.handler).toBe(handler);
    await im.ready();
    expect(await im.close({ timeoutMs: 100 })).toMatchObject({ remaining: [], timedOut: false });
    running = await listen(express().use(PATH, im));
    const answer = await exchange(running.port, requestBytes(`${PATH}?${query}`, BODY));
    expect(answerOf(answer)).toMatchObject({ ErrorCode: 50_318 });
  });
});
