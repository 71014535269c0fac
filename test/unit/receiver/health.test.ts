import { describe, expect, it, vi } from 'vitest';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf, requestOf } from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const MISTYPED = { 'My.Command': { type: 'nothing' } };

describe('health', () => {
  it('says that a receiver is ready as soon as its queue is open, and that it has seen nothing', async () => {
    const handler = new CallbackHandler(baseOptions);
    expect(handler.health()).toMatchObject({ ready: false, queue: { state: 'opening' } });
    await handler.ready();
    expect(handler.health()).toEqual({
      ready: true,
      closing: false,
      queue: { state: 'open', opened: true },
      fallbackInUse: false,
      refused: { count: 0 },
      lateResults: 0,
      tokens: [],
    });
  });

  it('says when the last request came, when the last trusted one, and why others were refused', async () => {
    const handler = new CallbackHandler({ ...baseOptions, token: ['new', baseOptions.token] });
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await handler.receive(requestOf(''));
    const { sinceCallbackMs = -1, sinceTrustedMs = -1, refused, tokens } = handler.health();
    expect(sinceCallbackMs).toBeGreaterThanOrEqual(0);
    expect(sinceTrustedMs).toBeGreaterThan(sinceCallbackMs);
    expect(refused).toEqual({ count: 1, code: 'signature_missing' });
    expect(tokens).toEqual([0, 1]);
  });

  it('says that it is closing while it still answers, and when it does not', async () => {
    const handler = new CallbackHandler(baseOptions);
    await handler.ready();
    handler.leave();
    expect(handler.health()).toMatchObject({ ready: false, closing: true, queue: { state: 'open' } });
    expect((await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)))).status).toBe(200);
    const other = new CallbackHandler(baseOptions);
    await other.close();
    expect(other.health()).toMatchObject({ ready: false, closing: true, queue: { state: 'closed' } });
  });

  it('waits for the schemas of users, also for those that do not compile', async () => {
    const good = new CallbackHandler({ ...baseOptions, schemas: { 'My.Command': { type: 'object' } } });
    await vi.waitFor(() => expect(good.health().ready).toBe(true));
    const bad = new CallbackHandler({ ...baseOptions, schemas: MISTYPED });
    await expect(bad.ready()).rejects.toThrow(/^schema_invalid/);
    expect(bad.health()).toMatchObject({ ready: false, queue: { state: 'open' } });
  });

  it('is ready with a fallback that is open, though the queue is away', async () => {
    const open = () => Promise.reject(new Error('away'));
    const handler = new CallbackHandler({
      ...baseOptions,
      queue: strangeQueue({ open }).queue,
      fallback: strangeQueue().queue,
    });
    await handler.ready();
    expect(handler.health()).toMatchObject({
      ready: true,
      queue: { state: 'failing', reason: expect.stringContaining('queue_failed') },
      fallback: { state: 'open' },
      fallbackInUse: true,
    });
    await handler.close({ timeoutMs: 100 });
  });
});
