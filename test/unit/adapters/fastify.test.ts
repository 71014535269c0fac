import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { qcloudIm } from '../../../src/adapters/fastify.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, signedQueryFor } from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

const COMMAND = 'State.StateChange';
const payload = JSON.stringify(sampleBody(COMMAND));

/** The status of a signed callback; `inject` also shows that serverless wrappers, which use it, work. */
async function statusOf(app: ReturnType<typeof fastify>, path: string, more = {}): Promise<number> {
  const url = `${path}?${await signedQueryFor(COMMAND)}`;
  return (await app.inject({ method: 'POST', url, payload, ...more })).statusCode;
}

describe('the Fastify adapter', () => {
  it('answers at its prefix, with a slash behind it or without, and nowhere else.', async () => {
    const app = fastify();
    await app.register(qcloudIm(baseOptions), { prefix: '/im/callback' });
    expect(await statusOf(app, '/im/callback')).toBe(200);
    expect(await statusOf(app, '/im/callback/')).toBe(200);
    expect(await statusOf(app, '/im/callback/below')).toBe(404);
    expect(await statusOf(app, '/')).toBe(404);
    await app.close();
  });

  it('answers at its path when it is registered without a prefix.', async () => {
    const app = fastify();
    await app.register(qcloudIm({ ...baseOptions, path: '/hooks/im' }));
    expect(await statusOf(app, '/hooks/im')).toBe(200);
    expect(await statusOf(app, '/')).toBe(404);
    await app.close();
  });

  it('leaves the parsers, hooks and limits of the app as they are, and is not touched by them.', async () => {
    const app = fastify({ bodyLimit: 8 });
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
      done(null, { own: text });
    });
    await app.register(qcloudIm(baseOptions), { prefix: '/im' });
    app.post('/own', (request) => request.body);
    const own = await app.inject({
      method: 'POST',
      url: '/own',
      payload: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(own.json()).toEqual({ own: '{"a":1}' });
    expect(await statusOf(app, '/im', { headers: { 'content-type': 'application/json' } })).toBe(200);
    expect(await statusOf(app, '/im', { headers: { 'content-type': ';;;' } })).toBe(200);
    await app.close();
  });

  it('lets the hooks of the app see the answer.', async () => {
    const app = fastify();
    app.addHook('onSend', async (_request, reply) => {
      reply.header('x-seen', String(reply.statusCode));
    });
    await app.register(qcloudIm(baseOptions), { prefix: '/im' });
    const answer = await app.inject({ method: 'POST', url: '/im', payload });
    expect(answer.headers).toMatchObject({ 'x-seen': '401', connection: 'close' });
    await app.close();
  });

  it('believes the addresses that Fastify believes.', async () => {
    const statuses: number[] = [];
    for (const trustProxy of [true, false]) {
      const app = fastify({ trustProxy });
      await app.register(qcloudIm({ ...baseOptions, allowFrom: ['192.0.2.9'] }), { prefix: '/im' });
      statuses.push(await statusOf(app, '/im', { headers: { 'x-forwarded-for': '192.0.2.9' } }));
      await app.close();
    }
    expect(statuses).toEqual([200, 403]);
  });

  it.each([
    ['made from options with', 1],
    ['that was handed in without', 0],
  ])('closes a receiver %s the app.', async (_which, times) => {
    const { queue, calls } = strangeQueue();
    const options: QcloudImOptions = { ...baseOptions, queue };
    const app = fastify();
    await app.register(qcloudIm(times === 1 ? options : new CallbackHandler(options)), { prefix: '/im' });
    expect(await statusOf(app, '/im')).toBe(200);
    await app.close();
    expect(calls.close).toBe(times);
  });

  it('lets the app start when the queue is open, and fail when it cannot be opened.', async () => {
    const { queue } = strangeQueue({ open: () => Promise.reject(new Error('away')) });
    const app = fastify();
    app.register(qcloudIm({ ...baseOptions, queue }), { prefix: '/im' });
    await expect(app.ready()).rejects.toMatchObject({ code: 'queue_failed' });
    await app.close();
  });
});
