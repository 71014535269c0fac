import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { afterEach, describe, expect, it } from 'vitest';
import { qcloudIm } from '../../../src/adapters/koa.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import { sampleBody } from '../../../src/testing.js';
import { sendTo } from '../../support/http-client.js';
import { baseOptions, signedQueryFor } from '../../support/requests.js';

const COMMAND = 'State.StateChange';
// Spaces, so that bytes that were made anew would differ.
const body = JSON.stringify(sampleBody(COMMAND), undefined, 2);
const JSON_TYPE = { 'content-type': 'application/json' };
const open: Server[] = [];
const events: AnyCallbackEvent[] = [];

async function listen(app: Koa): Promise<number> {
  app.silent = true;
  const server = createServer(app.callback());
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function receiver(options: Partial<QcloudImOptions> = {}) {
  return qcloudIm({
    ...baseOptions,
    defaultHandler: (event) => {
      events.push(event);
    },
    ...options,
  });
}

afterEach(() => {
  events.length = 0;
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe('the Koa adapter', () => {
  it('answers on every path when it is given none, in the way of Koa.', async () => {
    const seen: unknown[] = [];
    const app = new Koa();
    app.use(async (context, next) => {
      await next();
      seen.push(context.status, context.type, context.length, context.body);
    });
    app.use(receiver());
    const port = await listen(app);
    const query = await signedQueryFor(COMMAND);
    const answer = await sendTo(port, { path: '/any', query, body });
    expect(answer.status).toBe(200);
    expect(seen).toEqual([200, 'application/json', answer.body.length, answer.body]);
  });

  it('goes on with other paths and waits for what stands behind it, whatever becomes of that.', async () => {
    const app = new Koa();
    app.use(receiver({ path: '/im' }));
    app.use(async (context) => {
      await Promise.resolve();
      if (context.path === '/broken') context.throw(418, 'broken', { expose: true });
      context.body = 'behind';
    });
    const port = await listen(app);
    expect(await sendTo(port, { path: '/other', query: '' })).toMatchObject({ status: 200, body: 'behind' });
    expect(await sendTo(port, { path: '/broken', query: '' })).toMatchObject({ status: 418, body: 'broken' });
  });

  it('takes the bytes that koa-bodyparser kept.', async () => {
    const app = new Koa();
    app.use(bodyParser());
    app.use(receiver());
    const port = await listen(app);
    const query = await signedQueryFor(COMMAND);
    expect((await sendTo(port, { query, body, headers: JSON_TYPE })).status).toBe(200);
    expect(Buffer.from(events[0]?.rawBody ?? '').toString()).toBe(body);
  });

  it('takes what another parser left on the request of Koa.', async () => {
    const app = new Koa();
    app.use(async (context, next) => {
      Object.assign(context.request, { body: JSON.parse((await buffer(context.req)).toString()) });
      await next();
    });
    app.use(receiver());
    const port = await listen(app);
    const query = await signedQueryFor(COMMAND);
    expect((await sendTo(port, { query, body, headers: JSON_TYPE })).status).toBe(200);
    expect(events[0]?.body).toEqual(sampleBody(COMMAND));
  });

  it('believes the addresses that Koa believes.', async () => {
    const statuses: number[] = [];
    const query = await signedQueryFor(COMMAND);
    for (const proxy of [true, false]) {
      const app = new Koa({ proxy });
      app.use(receiver({ allowFrom: ['192.0.2.9'] }));
      const port = await listen(app);
      const headers = { 'x-forwarded-for': '192.0.2.9' };
      statuses.push((await sendTo(port, { query, body, headers })).status);
    }
    expect(statuses).toEqual([200, 403]);
  });

  it('takes what a parser of Connect left on the request of Node, unless Koa’s own has something.', async () => {
    const kept = Buffer.from(body);
    for (const onKoa of [{}, { body: {}, rawBody: body }]) {
      const app = new Koa();
      app.use(async (context, next) => {
        await buffer(context.req);
        Object.assign(context.req, { body: { a: 1 }, rawBody: 'rawBody' in onKoa ? '{}' : kept });
        Object.assign(context.request, onKoa);
        await next();
      });
      app.use(receiver());
      const query = await signedQueryFor(COMMAND);
      expect((await sendTo(await listen(app), { query, body, headers: JSON_TYPE })).status).toBe(200);
    }
    expect(events.map(({ rawBody }) => Buffer.from(rawBody).toString())).toEqual([body, body]);
  });

  it('writes nothing on the request of Node.', async () => {
    const app = new Koa();
    app.use(bodyParser());
    app.use(async (context, next) => {
      const before = Object.keys(context.req);
      await next();
      expect(Object.keys(context.req)).toEqual(before);
    });
    app.use(receiver());
    const query = await signedQueryFor(COMMAND);
    expect((await sendTo(await listen(app), { query, body, headers: JSON_TYPE })).status).toBe(200);
  });

  it('leaves a request alone on which no parser left anything.', async () => {
    const app = new Koa();
    app.use(async (context, next) => {
      await next();
      // What is read of the stream stays on Node's request; nothing else is put there.
      expect(Object.hasOwn(context.req, 'rawBody')).toBe(false);
    });
    app.use(receiver());
    const port = await listen(app);
    expect((await sendTo(port, { query: await signedQueryFor(COMMAND), body })).status).toBe(200);
  });
});
