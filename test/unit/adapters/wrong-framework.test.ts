import http, { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, expect, it } from 'vitest';
import { isMisplaced } from '../../../src/adapters/wrong-framework.js';
import { qcloudIm as fastifyIm } from '../../../src/fastify.js';
import { qcloudIm as fetchIm } from '../../../src/fetch.js';
import { qcloudIm as expressIm } from '../../../src/index.js';
import { qcloudIm as koaIm } from '../../../src/koa.js';
import { qcloudIm as nodeIm } from '../../../src/node.js';
import { baseOptions } from '../../support/requests.js';
import { exchange, listen, requestBytes, type TestServer } from '../../support/sockets.js';

let running: TestServer | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** An entry in a framework, untyped as JavaScript has it. */
type AnyMiddleware = never;
const instead = (entry: string) => new RegExp(`^wrong_framework: .* import it from '${entry}'$`);

/** What an app says of its middleware when a request comes. */
async function errorOf(start: (tell: (error: unknown) => void) => http.RequestListener): Promise<unknown> {
  let told: unknown;
  running = await listen(
    http.createServer((req, res) => {
      const listener = start((error) => {
        told = error;
      });
      Promise.resolve()
        .then(() => listener(req, res))
        .catch((error: unknown) => {
          told = error;
          res.end();
        });
    }),
  );
  await exchange(running.port, requestBytes('/im', '{}'));
  return told;
}

const inExpress = (middleware: unknown) =>
  errorOf((tell) => {
    const app = express().use('/im', middleware as AnyMiddleware);
    app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      tell(error);
      res.end();
    });
    return app;
  });

const inKoa = (middleware: unknown) =>
  errorOf((tell) => {
    const app = new Koa();
    app.on('error', tell);
    return app.use(middleware as AnyMiddleware).callback();
  });

it.each([
  ['koa', koaIm],
  ['fastify', fastifyIm],
])('the entry of %s says in Express what to import', async (_, im) => {
  expect(await inExpress(im(baseOptions))).toMatchObject({
    message: expect.stringMatching(instead('qcloud-im-callback')),
  });
});

it('the entry of fetch says in Express what to import', async () => {
  // Express 5 takes the rejection.
  expect(await inExpress(fetchIm(baseOptions))).toMatchObject({
    message: expect.stringMatching(instead('qcloud-im-callback')),
  });
});

it.each([
  ['Express', expressIm],
  ['node', nodeIm],
  ['fastify', fastifyIm],
  ['fetch', fetchIm],
])('the entry of %s says in Koa what to import', async (_, im) => {
  expect(await inKoa(im(baseOptions))).toMatchObject({
    message: expect.stringMatching(instead('qcloud-im-callback/koa')),
  });
});

it.each([
  ['Express', expressIm],
  ['koa', koaIm],
  ['node', nodeIm],
])('the entry of %s says in Fastify what to import', async (_, im) => {
  const app = fastify();
  const failing = async () => {
    await app.register(im(baseOptions) as AnyMiddleware, { prefix: '/im' });
    await app.ready();
  };
  await expect(failing()).rejects.toThrow(instead('qcloud-im-callback/fastify'));
  await app.close();
});

it('the entry of Express says on a plain server what to import', () => {
  const req = new IncomingMessage(new Socket());
  const im = expressIm(baseOptions) as unknown as http.RequestListener;
  expect(() => im(req, new ServerResponse(req))).toThrow(instead('qcloud-im-callback/node'));
});

it.each([
  ['Express', expressIm],
  ['fetch', fetchIm],
])('the entry of %s says in Hono what to import, and how to call it', async (_, im) => {
  const app = new Hono();
  let told: unknown;
  app.onError((error, context) => {
    told = error;
    return context.text('', 500);
  });
  app.post('/im', im(baseOptions) as AnyMiddleware);
  await app.request('/im', { method: 'POST' });
  expect(String(told)).toContain('as (c) => im(c.req.raw)');
  expect(told).toMatchObject({ message: expect.stringMatching(instead('qcloud-im-callback/fetch')) });
});

it('says at least whose entry it is where the caller is not known', () => {
  expect(() => isMisplaced('koa', ['what', 7])).toThrow(/^wrong_framework: this qcloudIm is made for Koa$/);
  expect(isMisplaced('fetch', ['what'])).toBe(false);
});
