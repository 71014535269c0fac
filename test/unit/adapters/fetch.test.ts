import { describe, expect, it, vi } from 'vitest';
import { type FetchContext, qcloudIm } from '../../../src/adapters/fetch.js';
import type { FailureReport, QcloudImOptions } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, signedQueryFor } from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

const COMMAND = 'Group.CallbackAfterSendMsg';
const URL_BEFORE_QUERY = 'https://im.example/im/callback';

async function callback(path = '/im/callback'): Promise<Request> {
  const url = new URL(`${path}?${await signedQueryFor(COMMAND)}`, URL_BEFORE_QUERY);
  return new Request(url, { method: 'POST', body: JSON.stringify(sampleBody(COMMAND)) });
}

/** A queued handler that waits for `finish`, and the steps in their order. */
function bench(options: Partial<QcloudImOptions> = {}) {
  const steps: string[] = [];
  let finish = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const handle = queued(async () => {
    steps.push('begun');
    await gate;
    steps.push('done');
  });
  const all: QcloudImOptions = { ...baseOptions, handlers: { [COMMAND]: handle }, ...options };
  return { steps, finish, options: all };
}

describe('the fetch adapter', () => {
  it('answers on every path when it is given none, and without a context.', async () => {
    const im = qcloudIm(baseOptions);
    for (const path of ['/', '/any/where']) expect((await im(await callback(path))).status).toBe(200);
  });

  it('answers exactly its path, and 404 to all others.', async () => {
    const im = qcloudIm({ ...baseOptions, path: '/im/callback' });
    expect((await im(await callback())).status).toBe(200);
    expect((await im(await callback('/im/callback/'))).status).toBe(200);
    const other = await im(await callback('/im/callback/x'));
    expect([other.status, await other.text()]).toEqual([404, '']);
  });

  it('answers what the core says, in headers and body, and asks to close where it does.', async () => {
    const im = qcloudIm(baseOptions);
    const good = await im(await callback());
    expect(Object.fromEntries(good.headers)).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'content-length': '50',
    });
    expect(await good.json()).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
    const refused = await im(new Request(URL_BEFORE_QUERY, { method: 'POST', body: 'x' }));
    expect([refused.status, refused.headers.get('connection')]).toEqual([401, 'close']);
    // There is nothing to close where there is no body.
    const empty = await im(new Request(URL_BEFORE_QUERY));
    expect([empty.status, empty.headers.get('connection')]).toEqual([405, null]);
  });

  it('knows the address that the platform knows.', async () => {
    const im = qcloudIm({ ...baseOptions, allowFrom: ['192.0.2.9'] });
    const statuses: number[] = [];
    for (const context of [{ clientAddress: '192.0.2.9' }, { clientAddress: '192.0.2.8' }, {}]) {
      statuses.push((await im(await callback(), context)).status);
    }
    expect(statuses).toEqual([200, 403, 403]);
  });

  it('hands out the receiver behind it.', () => {
    const handler = new CallbackHandler(baseOptions);
    expect(qcloudIm(handler).handler).toBe(handler);
  });
});

describe('a queued event where the process may end with the answer', () => {
  it('is handled before the answer when nothing keeps the process alive.', async () => {
    const { steps, finish, options } = bench();
    const answering = qcloudIm(options)(await callback()).then(({ status }) => steps.push(String(status)));
    await vi.waitFor(() => expect(steps).toEqual(['begun']));
    finish();
    await answering;
    expect(steps).toEqual(['begun', 'done', '200']);
  });

  it('is answered as failed when its handler fails then, so that the vendor’s policy decides.', async () => {
    const handlers = { [COMMAND]: queued(() => Promise.reject(new Error('no disk'))) };
    const response = await qcloudIm({ ...baseOptions, handlers })(await callback());
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ ErrorCode: 50014 });
  });

  it('is answered as failed when its handler is not done within the deadline.', async () => {
    const { finish, options } = bench({ deadlineMs: 20 });
    const response = await qcloudIm(options)(await callback());
    expect(await response.json()).toMatchObject({ ErrorCode: 50315 });
    finish();
  });

  it('is answered at once when its work was handed to waitUntil, which keeps its this.', async () => {
    const { steps, finish, options } = bench();
    class Platform implements FetchContext {
      readonly kept: Promise<unknown>[] = [];
      waitUntil(promise: Promise<unknown>): void {
        steps.push('kept');
        this.kept.push(promise.then(() => steps.push('idle')));
      }
    }
    const platform = new Platform();
    const response = await qcloudIm(options)(await callback(), platform);
    steps.push(String(response.status));
    expect(steps.filter((step) => step !== 'begun')).toEqual(['kept', '200']);
    expect(platform.kept).toHaveLength(1);
    finish();
    await Promise.all(platform.kept);
    expect(steps.slice(-2)).toEqual(['done', 'idle']);
  });

  it('is answered at once when the process is said to live on.', async () => {
    const { steps, finish, options } = bench();
    const im = qcloudIm(options, { background: true });
    expect((await im(await callback())).status).toBe(200);
    expect(steps).not.toContain('done');
    finish();
    await im.handler.idle();
    expect(steps).toEqual(['begun', 'done']);
  });

  it('is answered when it is in a queue that outlives the process.', async () => {
    // Without idle() a queue says that what it accepted does not lie in memory.
    const { queue, calls } = strangeQueue();
    const { steps, finish, options } = bench({ queue });
    const im = qcloudIm(options);
    expect((await im(await callback())).status).toBe(200);
    expect(calls.enqueue).toBe(1);
    expect(steps).not.toContain('done');
    finish();
    await im.close();
  });

  it('is told of to waitUntil also when the request failed, for what was accepted before.', async () => {
    const waitUntil = vi.fn<(promise: Promise<unknown>) => void>();
    const reports: FailureReport[] = [];
    const im = qcloudIm({ ...baseOptions, onInvalid: (report) => reports.push(report) });
    await im(new Request(URL_BEFORE_QUERY, { method: 'POST' }), { waitUntil });
    expect(reports).toHaveLength(1);
    await expect(waitUntil.mock.calls[0]?.[0]).resolves.toBeUndefined();
  });
});
