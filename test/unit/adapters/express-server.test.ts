import { once } from 'node:events';
import http, { type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import v8 from 'node:v8';
import express, { type Express, type Request, type Response } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { serverFor } from '../../../src/adapters/express-server.js';
import { addLate, probeApp } from '../../support/express-probes.js';
import { type HttpRequest, sendTo } from '../../support/http-client.js';

const SLOW_NODE = '22.99.0';
const require = createRequire(import.meta.url);
/** Express 4 has no types of its own here; what these tests call is the same in both. */
const versions = { 'Express 5': express, 'Express 4': require('express4') as typeof express };

// Tells whether V8 keeps two objects in the same shape, which is what the helper is for.
v8.setFlagsFromString('--allow-natives-syntax');
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean;

const open: Server[] = [];

async function listen(server: Server): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const server of open.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
});

/** The answer without what differs from one to the next. */
async function answerOf(port: number, request: Partial<HttpRequest>) {
  const { status, headers, body } = await sendTo(port, { method: 'GET', query: '', ...request });
  return { status, headers: { ...headers, date: undefined }, body: body.replaceAll(String(port), 'PORT') };
}

/** The objects that a few requests in a row were given. */
async function objectsOf(server: (app: Express) => Server, app: Express): Promise<[Request, Response][]> {
  const seen: [Request, Response][] = [];
  app.use((req, res) => {
    seen.push([req, res]);
    res.end();
  });
  const port = await listen(server(app));
  for (let requests = 0; requests < 3; requests++) await sendTo(port, { query: '' });
  return seen;
}

describe.each(Object.entries(versions))('createServer for %s', (_name, make) => {
  const probes: readonly (readonly [string, Partial<HttpRequest>, object])[] = [
    [
      'what was added to the app, before and after',
      { path: '/here' },
      { req: ['set early', 'set late', 'undefined', 'since'] },
    ],
    [
      'it in a sub-app that was mounted before, which keeps additions of its own',
      { path: '/sub' },
      { req: ['set early', 'set late', 'of the sub-app', 'since'] },
    ],
    [
      'it in a sub-app of a sub-app',
      { path: '/deep/sub' },
      { req: ['set early', 'set late', 'of the sub-app', 'since'] },
    ],
    [
      'it in a sub-app that is mounted later',
      { path: '/sub-late' },
      {
        res: ['a method that was set early', 'a method that was set late', 'a method of the sub-app'],
        node: true,
        app: true,
        pair: true,
        made: ['IncomingMessage', 'ServerResponse'],
        is: [true, true],
      },
    ],
    [
      'the properties of requests, the address behind a proxy among them',
      {
        path: '/request',
        query: 'a=1&b=x',
        headers: {
          'x-forwarded-for': '192.0.2.9',
          'x-forwarded-proto': 'https',
          'x-requested-with': 'XMLHttpRequest',
          referer: 'https://example.com/',
          host: 'a.b.example.com',
        },
      },
      { ip: '192.0.2.9', secure: true, xhr: true, query: { a: '1', b: 'x' }, get: 'https://example.com/' },
    ],
    [
      'bodies',
      {
        method: 'POST',
        path: '/body',
        body: '{"a":"你好"}',
        headers: { 'content-type': 'application/json' },
      },
      { a: '你好' },
    ],
    ['formats', { path: '/format', headers: { accept: 'application/json' } }, { format: 'json' }],
  ];

  it.each(probes)('shows %s.', async (_what, request, expected) => {
    const stock = probeApp(make);
    const usual = await listen(http.createServer(stock));
    addLate(stock, make);
    const app = probeApp(make);
    const preset = await listen(serverFor(app, SLOW_NODE));
    addLate(app, make);

    const answer = await answerOf(preset, request);
    expect(JSON.parse(answer.body)).toMatchObject(expected);
    expect(answer).toEqual(await answerOf(usual, request));
  });

  it.each([
    ['GET', '/response', 201],
    ['HEAD', '/response', 201],
    ['GET', '/redirect', 303],
    ['GET', '/error', 418],
    ['GET', '/nowhere', 404],
    ['OPTIONS', '/body', 200],
  ])('answers %s %s as the usual server does.', async (method, path, status) => {
    const usual = await listen(http.createServer(probeApp(make)));
    const preset = await listen(serverFor(probeApp(make), SLOW_NODE));
    const answer = await answerOf(preset, { method, path });
    expect(answer.status).toBe(status);
    expect(answer).toEqual(await answerOf(usual, { method, path }));
  });

  it('keeps connections open, and each request has its own objects on them.', async () => {
    const port = await listen(serverFor(probeApp(make), SLOW_NODE));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (const value of ['1', '2', '3']) {
      const request = http.get({ port, host: '127.0.0.1', path: `/request?value=${value}`, agent });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      ports.add(response.socket.localPort);
      expect(JSON.parse(await text(response))).toMatchObject({ query: { value } });
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  it('gives all requests, and all responses, one shape; the prototypes are the app’s.', async () => {
    const app = make();
    const [first, second, third] = await objectsOf((one) => serverFor(one, SLOW_NODE), app);
    for (const side of [0, 1] as const) {
      expect(haveSameMap(second?.[side] ?? {}, third?.[side] ?? {})).toBe(true);
    }
    expect(Object.getPrototypeOf(first?.[0])).toBe(app.request);
    expect(Object.getPrototypeOf(first?.[1])).toBe(app.response);
  });

  it('works when it is called twice for one app, though once is what it is for.', async () => {
    const app = probeApp(make);
    const ports = [await listen(serverFor(app, SLOW_NODE)), await listen(serverFor(app, SLOW_NODE))];
    addLate(app, make);
    const answers = await Promise.all(ports.map((port) => answerOf(port, { path: '/sub' })));
    for (const { body } of answers) {
      expect(JSON.parse(body)).toMatchObject({ req: ['set early', 'set late', 'of the sub-app', 'since'] });
    }
  });
});
