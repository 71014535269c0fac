import { describe, expect, it } from 'vitest';
import { mounted } from '../../../src/adapters/mounted.js';
import { queued } from '../../../src/options/routes.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf } from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

describe('mounted', () => {
  it('puts the receiver beside the middleware, which stays the function it was.', () => {
    const middleware = (): string => 'called';
    const handler = new CallbackHandler(baseOptions);
    const im = mounted(middleware, handler);
    expect(im).toBe(middleware);
    expect(im()).toBe('called');
    expect(im.handler).toBe(handler);
  });

  it('is ready when the queue is, and says why it is not.', async () => {
    await expect(mounted(() => undefined, new CallbackHandler(baseOptions)).ready()).resolves.toBeUndefined();
    const { queue } = strangeQueue({ open: () => Promise.reject(new Error('away')) });
    const away = mounted(() => undefined, new CallbackHandler({ ...baseOptions, queue }));
    await expect(away.ready()).rejects.toMatchObject({ code: 'queue_failed' });
  });

  it('closes the receiver within the time it is given.', async () => {
    const command = 'Group.CallbackAfterSendMsg';
    const handler = new CallbackHandler({
      ...baseOptions,
      handlers: { [command]: queued(() => new Promise(() => undefined)) },
    });
    const im = mounted(() => undefined, handler);
    await handler.receive(await callbackOf(command, sampleBody(command)));
    expect(await im.close({ timeoutMs: 1 })).toMatchObject({ drained: 0, timedOut: true });
    expect((await handler.receive(await callbackOf(command, sampleBody(command)))).status).toBe(503);
  });
});
