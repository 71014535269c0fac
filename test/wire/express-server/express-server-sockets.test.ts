/** What the server of createServer does beside Express's own behaviour: connections, upgrades, other servers. */

import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import express, { type Express } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, serverFor } from '../../../src/adapters/express-server.js';
import { express4 } from '../../support/message-app.js';
import { chunk, head, listen, RawClient, requestBytes, type TestServer } from '../../support/sockets.js';

const SLOW_NODE = '22.99.0';
const running: TestServer[] = [];
const others: Server[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  for (const server of others.splice(0)) server.close();
});

const makers: readonly (readonly [string, (app: Express) => http.Server])[] = [
  ['the usual server', (app) => http.createServer(app)],
  ['createServer', (app) => serverFor(app, SLOW_NODE)],
];

async function start(server: http.Server): Promise<number> {
  const started = await listen(server);
  running.push(started);
  return started.port;
}

async function portOf(server: Server): Promise<number> {
  others.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** All that comes until the connection ends, without the date. */
async function everything(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const client = new RawClient(port).write(...parts);
  await client.closed;
  return client.received.toString().replaceAll(/Date: .*\r\n/g, '');
}

const close = { connection: 'close' };

/** Requests as bytes, and what has to be in the answer of either server. */
const exchanges: readonly (readonly [string, readonly (string | Uint8Array)[], string])[] = [
  ['pipelined requests', [head('/a', {}, 'GET'), head('/b', close, 'GET')], '{"url":"/b"}'],
  ['HEAD', [head('/a', close, 'HEAD')], 'Content-Length: 12'],
  ['HTTP/1.0', ['GET /a HTTP/1.0\r\n\r\n'], '{"url":"/a"}'],
  [
    'a chunked body',
    [
      head('/body', { ...close, 'transfer-encoding': 'chunked', 'content-type': 'text/plain' }),
      chunk('ab'),
      chunk('c'),
      chunk(''),
    ],
    '{"body":"abc"}',
  ],
  [
    'Expect: 100-continue',
    [requestBytes('/body', 'a', { ...close, expect: '100-continue' })],
    '100 Continue',
  ],
  ['another expectation', [head('/a', { ...close, expect: 'more' }, 'GET')], '417 Expectation Failed'],
  ['early hints', [head('/hints', close, 'GET')], '103 Early Hints'],
  ['trailers', [head('/trailers', close, 'GET')], 'X-End: 1'],
  ['an error in the middle of an answer', [head('/broken', {}, 'GET')], '200 OK'],
  [
    'an upgrade that nobody listens for',
    [head('/a', { connection: 'Upgrade', upgrade: 'echo' }, 'GET'), head('/a', close, 'GET')],
    '{"url":"/a"}',
  ],
  ['a request without a host', ['GET /a HTTP/1.1\r\n\r\n'], '400 Bad Request'],
  ['what is no HTTP', ['what?\r\n\r\n'], '400 Bad Request'],
  ['CONNECT that nobody listens for', [head('example.com:443', {}, 'CONNECT')], ''],
];

function socketApp(make: typeof express): Express {
  const app = make();
  app.post('/body', make.text(), (req, res) => void res.json({ body: req.body }));
  app.get('/hints', (_req, res) => {
    res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    res.json('after the hints');
  });
  app.get('/trailers', (_req, res) => {
    res.set('Trailer', 'X-End').write('a');
    res.addTrailers({ 'X-End': '1' });
    res.end();
  });
  app.get('/broken', (_req, res, next) => {
    res.write('half');
    setImmediate(() => next(new Error('in the middle')));
  });
  app.use((req, res) => void res.json({ url: req.url }));
  return app;
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('createServer for %s', (_name, make) => {
  it.each(exchanges)('answers %s byte for byte as the usual server does', async (_what, parts, part) => {
    const [usual, preset] = await Promise.all(
      makers.map(async ([, serve]) => everything(await start(serve(socketApp(make))), ...parts)),
    );
    expect(usual).toContain(part);
    expect(preset).toBe(usual);
  });

  it.each(makers)('%s gives upgrades and CONNECT out as Node makes them', async (_server, serve) => {
    const server = serve(make());
    const seen: boolean[] = [];
    const answer = (req: IncomingMessage, socket: Duplex) => {
      seen.push(Object.getPrototypeOf(req) === http.IncomingMessage.prototype);
      // Express has getters of these names, which would refuse it.
      Object.assign(req, { query: 'mine', ip: 'mine', protocol: 'mine' });
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${Reflect.get(req, 'ip')} ${req.url}`);
    };
    server.on('upgrade', answer).on('connect', answer);
    const port = await start(server);
    const upgrade = head('/chat', { connection: 'Upgrade', upgrade: 'echo' }, 'GET');
    expect(await everything(port, upgrade)).toContain('mine /chat');
    expect(await everything(port, head('example.com:443', {}, 'CONNECT'))).toContain('mine example.com:443');
    expect(seen).toEqual([true, true]);
  });

  it.each(makers)('%s tells of requests that break off, and goes on', async (_server, serve) => {
    const app = make();
    const aborted = new Promise<unknown[]>((resolve) => {
      app.post('/slow', (req, res) => {
        res.on('close', () => resolve([req.destroyed, res.writableEnded, res.destroyed]));
      });
    });
    app.get('/', (_req, res) => void res.json('still there'));
    const port = await start(serve(app));
    const client = new RawClient(port).write(head('/slow', { 'content-length': '9' }), 'half');
    await once(client.socket, 'connect');
    setTimeout(() => client.destroy(), 50);
    expect(await aborted).toEqual([true, false, true]);
    expect(await everything(port, head('/', close, 'GET'))).toContain('"still there"');
  });

  it.each(makers)('%s lets somebody else answer Expect: 100-continue', async (_server, serve) => {
    const app = socketApp(make);
    const server = serve(app);
    server.on('checkContinue', (req, res) => {
      res.writeContinue();
      app(req, res);
    });
    const port = await start(server);
    const request = requestBytes('/a', '', { ...close, expect: '100-continue' });
    expect(await everything(port, request)).toMatch(/100 Continue[\s\S]*"url":"\/a"/);
  });

  it('has the settings of the usual server', () => {
    const [usual, preset] = makers.map(([, serve]) => serve(make()));
    expect(preset).toBeInstanceOf(http.Server);
    expect(preset?.eventNames()).toEqual(usual?.eventNames());
    const settings = (server: object | undefined) =>
      Object.entries(server ?? {}).filter(([, value]) => ['number', 'boolean'].includes(typeof value));
    expect(settings(usual).length).toBeGreaterThan(4);
    expect(settings(preset)).toEqual(settings(usual));
  });

  // A key that both sides know stands for a certificate.
  const psk = Buffer.alloc(32, 1);
  const secret = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
  const client = {
    ...secret,
    host: '127.0.0.1',
    agent: false,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  } as const;
  const secure: readonly (readonly [string, (app: Express) => Server])[] = [
    ['https', (app) => https.createServer({ ...secret, pskCallback: () => psk }, app)],
    [
      'http2, for clients of HTTP/1',
      (app) => {
        const options = { ...secret, pskCallback: () => psk, allowHTTP1: true };
        // Express's types know nothing of http2.
        return http2.createSecureServer(options).on('request', app);
      },
    ],
  ];

  it.each(secure)('leaves the app as good as it was for a server of %s', async (_server, serve) => {
    const answers = await Promise.all(
      [false, true].map(async (made) => {
        const app = make();
        if (made) serverFor(app, SLOW_NODE);
        Object.assign(app.request, { added: 'an addition' });
        app.use((req, res) => {
          const { secure: isSecure, ip, protocol, httpVersion } = req;
          res.json({ isSecure, ip, protocol, httpVersion, added: Reflect.get(req, 'added') });
        });
        const sent = https.get({ ...client, port: await portOf(serve(app)) });
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        return json(response);
      }),
    );
    const expected = {
      isSecure: true,
      ip: '127.0.0.1',
      protocol: 'https',
      httpVersion: '1.1',
      added: 'an addition',
    };
    expect(answers).toEqual([expected, expected]);
  });

  it('makes a plain server from Node 24 on', () => {
    const app = make();
    const { request, response } = app;
    const server = serverFor(app, '24.0.0');
    expect(Object.getPrototypeOf(server)).toBe(http.Server.prototype);
    expect(server.listeners('request')).toEqual([app]);
    expect([app.request, app.response]).toEqual([request, response]);
  });
});

it('goes by the Node that runs it', async () => {
  const app = express();
  const { request } = app;
  const isFast = Number.parseInt(process.versions.node, 10) >= 24;
  const server = createServer(app);
  expect(Object.getPrototypeOf(server) === http.Server.prototype).toBe(isFast);
  expect(app.request === request).toBe(isFast);
  app.use((req, res) => void res.json(req.ip));
  const sent = http.get({ port: await start(server), host: '127.0.0.1' });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(await text(response)).toBe('"127.0.0.1"');
});
