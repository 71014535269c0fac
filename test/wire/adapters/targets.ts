/** Every place in which a receiver can stand: the bare core, and each adapter in its framework on a real port. */

import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import bodyParser from 'body-parser';
import connect from 'connect';
import express, { type Express } from 'express';
import { fastify } from 'fastify';
import Koa from 'koa';
import koaBodyParser from 'koa-bodyparser';
import { qcloudIm as expressIm } from '../../../src/adapters/express.js';
import { serverFor } from '../../../src/adapters/express-server.js';
import { qcloudIm as fastifyIm } from '../../../src/adapters/fastify.js';
import { qcloudIm as koaIm } from '../../../src/adapters/koa.js';
import { qcloudIm as nodeIm } from '../../../src/adapters/node.js';
import type { CallbackHandler } from '../../../src/receiver/handler.js';
import { OWN_PATH, sendTo } from '../../support/http-client.js';
import { bytesOf, listening, NEXT, onNode, type Target } from './target.js';
import { fetchTargets } from './targets-fetch.js';
import { nestTargets } from './targets-nest.js';

const require = createRequire(import.meta.url);
/** Express 4 has no types of its own here; what these tests call is the same in both. */
const express4 = require('express4') as typeof express;

function expressApp(make: typeof express, handler: CallbackHandler, parsed: boolean): Express {
  const app = make();
  if (parsed) app.use(make.json(), make.urlencoded({ extended: false }));
  app.use(OWN_PATH, expressIm(handler));
  app.use((_req, res) => {
    res.status(NEXT).end();
  });
  return app;
}

function koaApp(handler: CallbackHandler, parsed: boolean): RequestListener {
  const app = new Koa();
  // Koa prints errors of its own otherwise.
  app.silent = true;
  if (parsed) app.use(koaBodyParser());
  app.use(koaIm(handler));
  app.use((context) => {
    context.status = NEXT;
    context.body = '';
  });
  return app.callback();
}

function connectApp(handler: CallbackHandler, kind: 'node' | 'express' | 'parsed'): RequestListener {
  const app = connect();
  if (kind === 'parsed') app.use(bodyParser.json());
  app.use(OWN_PATH, kind === 'express' ? expressIm(handler) : nodeIm(handler));
  app.use((_req, res) => {
    res.writeHead(NEXT).end();
  });
  return app;
}

const core: Target = {
  name: 'the bare core',
  elsewhere: 404,
  async start(handler) {
    return {
      async send(request) {
        const { method = 'POST', query, after = 'end' } = request;
        const bytes = bytesOf(request);
        const response = await handler.receive({
          method,
          query,
          remoteAddress: '127.0.0.1',
          body: {
            received: false,
            // What hangs goes on until nobody waits any more.
            read: ({ onTimeout }) =>
              new Promise((resolve, reject) => {
                if (after === 'end') resolve(bytes);
                else onTimeout(() => reject(new Error('too slow')));
              }),
          },
        });
        const { status, headers, body, closeConnection } = response;
        return { status, headers: closeConnection ? { ...headers, connection: 'close' } : headers, body };
      },
      close: async () => undefined,
    };
  },
};

const fastifyTarget: Target = {
  name: 'Fastify 5',
  elsewhere: 404,
  async start(handler) {
    const app = fastify({ forceCloseConnections: true });
    await app.register(fastifyIm(handler), { prefix: OWN_PATH });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    return { send: (request) => sendTo(port, request), close: () => app.close() };
  },
};

function onCreateServer(name: string, make: typeof express): Target {
  return {
    name,
    elsewhere: NEXT,
    // The version says: with the prototypes set before, whatever runs the tests.
    start: (handler) => listening(serverFor(expressApp(make, handler, false), '20.0.0')),
  };
}

export const targets: readonly Target[] = [
  core,
  onNode('node:http', 404, (handler) => nodeIm(handler), OWN_PATH),
  onNode('Connect with the node adapter', NEXT, (handler) => connectApp(handler, 'node'), '/'),
  onNode('Connect with the Express router', NEXT, (handler) => connectApp(handler, 'express')),
  onNode('Connect behind body-parser', NEXT, (handler) => connectApp(handler, 'parsed'), '/'),
  onNode('Express 5', NEXT, (handler) => expressApp(express, handler, false)),
  onNode('Express 5 behind express.json()', NEXT, (handler) => expressApp(express, handler, true)),
  onCreateServer('Express 5 on createServer()', express),
  onNode('Express 4', NEXT, (handler) => expressApp(express4, handler, false)),
  onNode('Express 4 behind express.json()', NEXT, (handler) => expressApp(express4, handler, true)),
  onCreateServer('Express 4 on createServer()', express4),
  onNode('Koa 3', NEXT, (handler) => koaApp(handler, false), OWN_PATH),
  onNode('Koa 3 behind koa-bodyparser', NEXT, (handler) => koaApp(handler, true), OWN_PATH),
  fastifyTarget,
  ...nestTargets,
  ...fetchTargets,
];
