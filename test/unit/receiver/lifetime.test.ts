import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FailureReport } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { ok, type PlainOk } from '../../../src/protocol/answers.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf, jsonOf, requestOf, signedQueryFor } from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';

afterEach(() => {
  vi.useRealTimers();
});

describe('close', () => {
  it('refuses what comes after it, without reading it, to those it trusts only', async () => {
    const read = vi.fn(() => '{"a":1}');
    const handler = new CallbackHandler({ ...baseOptions, onFailure: { [BEFORE]: 'allow' } });
    await handler.close();
    const parts = { read, received: false };
    const response = await handler.receive(requestOf(await signedQueryFor(AFTER), '', parts));
    expect(response).toMatchObject({ status: 503, closeConnection: true });
    expect(jsonOf(response)).toMatchObject({ ErrorCode: 50318 });
    expect((await handler.receive(requestOf(await signedQueryFor(BEFORE), '', parts))).status).toBe(200);
    expect((await handler.receive(requestOf('', '', parts))).status).toBe(401);
    expect(read).not.toHaveBeenCalled();
  });

  it('waits for the requests that are being answered, then for the queue', async () => {
    const steps: string[] = [];
    const finish: (() => void)[] = [];
    const { queue } = strangeQueue({
      close: async () => {
        steps.push('queue');
        return { drained: 3, remaining: [], timedOut: false };
      },
    });
    const handler = new CallbackHandler({
      ...baseOptions,
      queue,
      defaultHandler: () => new Promise((resolve) => finish.push(() => resolve(undefined))),
    });
    const answering = [1, 2].map(async (n) => {
      const response = await handler.receive(await callbackOf('My.Command', { n }));
      steps.push('answer');
      return response.status;
    });
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    const closing = handler.close();
    finish[0]?.();
    await Promise.race(answering);
    expect(steps).toEqual(['answer']);
    finish[1]?.();
    expect(await closing).toEqual({ drained: 3, remaining: [], timedOut: false });
    expect(await Promise.all(answering)).toEqual([200, 200]);
    expect([...steps].sort()).toEqual(['answer', 'answer', 'queue']);
  });

  it('gives up on requests when its time is over, and leaves no timer', async () => {
    vi.useFakeTimers();
    const { queue } = strangeQueue({ close: async () => ({ drained: 0, remaining: [], timedOut: false }) });
    const handler = new CallbackHandler({
      ...baseOptions,
      queue,
      defaultHandler: () => new Promise(() => undefined),
    });
    const answering = handler.receive(await callbackOf('My.Command', { a: 1 }));
    await vi.advanceTimersByTimeAsync(0);
    const closing = handler.close({ timeoutMs: 50 });
    await vi.advanceTimersByTimeAsync(50);
    await closing;
    await vi.advanceTimersByTimeAsync(1_750);
    expect((await answering).status).toBe(503);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits as long as it takes when it is given more than a timer can hold', async () => {
    vi.useFakeTimers();
    const closed = vi.fn(async () => ({ drained: 0, remaining: [], timedOut: false }));
    const handler = new CallbackHandler({
      ...baseOptions,
      queue: strangeQueue({ close: closed }).queue,
      defaultHandler: () => new Promise((resolve) => setTimeout(resolve, 1_000)),
    });
    const answering = handler.receive(await callbackOf('My.Command', { a: 1 }));
    await vi.advanceTimersByTimeAsync(0);
    const closing = handler.close({ timeoutMs: Number.POSITIVE_INFINITY });
    await vi.advanceTimersByTimeAsync(900);
    expect(closed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    await closing;
    expect((await answering).status).toBe(200);
    // That of the deadlines.
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('drains the queue and hands back what was not done', async () => {
    const done: string[] = [];
    const handler = new CallbackHandler({
      ...baseOptions,
      queue: memoryQueue({ workers: 1 }),
      handlers: {
        [AFTER]: queued(async (event) => {
          await Promise.resolve();
          done.push(event.id);
        }),
      },
    });
    for (let index = 0; index < 20; index++)
      await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    const result = await handler.close();
    expect(done).toHaveLength(20);
    expect(result).toMatchObject({ remaining: [], timedOut: false });
  });

  it('waits for events that are handled without HTTP, and refuses later ones', async () => {
    const { queue, calls } = strangeQueue();
    let finish: () => void = () => undefined;
    const handler = new CallbackHandler({
      ...baseOptions,
      queue,
      handlers: {
        [BEFORE]: () =>
          new Promise<PlainOk>((resolve) => {
            finish = () => resolve(ok());
          }),
      },
    });
    const event = handler.createEvent(
      { SdkAppid: '1', CallbackCommand: BEFORE },
      JSON.stringify(sampleBody(BEFORE)),
    );
    const handled = handler.handle(event);
    const closed = handler.close();
    await expect(handler.handle(event)).rejects.toMatchObject({ code: 'closing' });
    expect(calls.close).toBe(0);
    finish();
    expect(await handled).toMatchObject({ ErrorCode: 0 });
    await closed;
    expect(calls.close).toBe(1);
  });

  it('happens once: later calls get the first result', async () => {
    const { queue, calls } = strangeQueue();
    const handler = new CallbackHandler({ ...baseOptions, queue });
    const first = handler.close();
    expect(handler.close({ timeoutMs: 1 })).toBe(first);
    await first;
    await handler[Symbol.asyncDispose]();
    expect(calls.close).toBe(1);
  });

  it('happens at the end of an await using block', async () => {
    const { queue, calls } = strangeQueue();
    {
      await using handler = new CallbackHandler({ ...baseOptions, queue });
      expect(handler.has(AFTER)).toBe(false);
    }
    expect(calls.close).toBe(1);
  });
});

describe('ready', () => {
  it('rejects while the queue cannot be opened, and the owner is told though nobody awaits it', async () => {
    const reports: FailureReport[] = [];
    const cause = new Error('away');
    let fails = true;
    const { queue, calls } = strangeQueue({
      open: () => (fails ? Promise.reject(cause) : Promise.resolve()),
    });
    const handler = new CallbackHandler({ ...baseOptions, queue, onError: (report) => reports.push(report) });
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]).toMatchObject({ kind: 'store', error: { code: 'queue_failed', cause } });
    await expect(handler.ready()).rejects.toMatchObject({ code: 'queue_failed', cause });
    fails = false;
    await handler.ready();
    await handler.ready();
    expect(calls).toMatchObject({ open: 3, start: 1 });
  });

  it('answers queued commands 503 while the queue cannot be opened, and the others as ever', async () => {
    const { queue } = strangeQueue({ open: () => Promise.reject(new Error('away')) });
    const handler = new CallbackHandler({
      ...baseOptions,
      queue,
      handlers: { [AFTER]: queued(() => undefined) },
    });
    const response = await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    expect(jsonOf(response)['ErrorInfo']).toMatch(/^queue_failed/);
    expect((await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)))).status).toBe(200);
  });

  it('rejects for a schema that does not compile, whose commands then fail', async () => {
    const reports: FailureReport[] = [];
    const handler = new CallbackHandler({
      ...baseOptions,
      schemas: { 'My.Command': { type: 'nonsense' } },
      onError: (report) => reports.push(report),
    });
    await expect(handler.ready()).rejects.toMatchObject({ code: 'schema_invalid' });
    expect(reports).toMatchObject([{ error: { code: 'internal', cause: { code: 'schema_invalid' } } }]);
    expect((await handler.receive(await callbackOf('My.Command', { a: 1 }))).status).toBe(500);
  });
});
