import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FailureReport, QcloudImOptions } from '../../../src/options/options.js';
import { ok } from '../../../src/protocol/answers.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf, jsonOf } from '../../support/requests.js';

const BEFORE = 'Group.CallbackBeforeSendMsg';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A receiver, what it reported, and every rejection that nobody handled meanwhile. */
function setUp(options: Partial<QcloudImOptions>) {
  const reports: FailureReport[] = [];
  const handler = new CallbackHandler({
    ...baseOptions,
    onError: (report) => reports.push(report),
    ...options,
  });
  return { handler, reports };
}

const later = <T>(ms: number, finish: () => T): Promise<T> =>
  new Promise((resolve, reject) =>
    setTimeout(() => {
      try {
        resolve(finish());
      } catch (error) {
        reject(error);
      }
    }, ms),
  );

describe('the deadline', () => {
  it('answers in time, aborts the signal, and swallows and reports a late result once', async () => {
    let signal: AbortSignal | undefined;
    const { handler, reports } = setUp({
      handlers: {
        [BEFORE]: (event) => {
          signal = event.signal;
          return later(5_000, () => ok());
        },
      },
    });
    const answering = handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    await vi.advanceTimersByTimeAsync(1_799);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const response = await answering;
    expect(response.status).toBe(503);
    expect(jsonOf(response)['ErrorInfo']).toBe('handler_timeout: no answer within deadlineMs');
    expect(signal?.aborted).toBe(true);
    expect(reports.map(({ kind }) => kind)).toEqual(['request']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reports.map(({ kind, command }) => [kind, command])).toEqual([
      ['request', BEFORE],
      ['late', BEFORE],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reports a late rejection with its cause, and leaves none unhandled', async () => {
    const cause = new Error('late');
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { handler, reports } = setUp({
        deadlineMs: 10,
        beforeHook: () =>
          later(50, () => {
            throw cause;
          }),
      });
      const answering = handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
      await vi.advanceTimersByTimeAsync(100);
      expect((await answering).status).toBe(503);
      expect(reports[1]).toMatchObject({ kind: 'late', error: { code: 'handler_timeout', cause } });
      vi.useRealTimers();
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  it('runs over look-up, body, hook and handler together', async () => {
    const body = JSON.stringify(sampleBody(BEFORE));
    for (const [bodyMs, status] of [
      [5, 200],
      [20, 503],
    ] as const) {
      // A receiver each: the tokens of a look-up are remembered for a moment.
      const { handler } = setUp({
        deadlineMs: 100,
        token: () => later(30, () => baseOptions.token),
        beforeHook: () => later(30, () => undefined),
        handlers: { [BEFORE]: () => later(30, () => ok()) },
      });
      const parts = { received: false, read: () => later(bodyMs, () => body) };
      const answering = handler.receive(await callbackOf(BEFORE, {}, parts));
      await vi.advanceTimersByTimeAsync(200);
      expect((await answering).status, String(bodyMs)).toBe(status);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('lets a slow body go with 408 and closes the connection', async () => {
    const stop = vi.fn<() => void>();
    const { handler } = setUp({});
    const answering = handler.receive(
      await callbackOf(
        BEFORE,
        {},
        {
          received: false,
          read(options) {
            options.onTimeout(stop);
            return new Promise(() => undefined);
          },
        },
      ),
    );
    await vi.advanceTimersByTimeAsync(1_800);
    expect(await answering).toMatchObject({ status: 408, closeConnection: true });
    expect(stop).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('needs one timer for many requests, which ends, and aborts nothing that was in time', async () => {
    const signals: AbortSignal[] = [];
    const { handler, reports } = setUp({
      defaultHandler: async (event) => {
        signals.push(event.signal);
      },
    });
    for (let n = 0; n < 100; n++) {
      expect((await handler.receive(await callbackOf('My.Command', { n }))).status).toBe(200);
      expect(vi.getTimerCount()).toBe(1);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
    expect(reports).toEqual([]);
  });

  it('leaves no timer behind an event that came without a request', async () => {
    const { handler } = setUp({ defaultHandler: async () => undefined });
    await handler.handle(handler.createEvent({ SdkAppid: '1', CallbackCommand: 'My.Command' }, '{"a":1}'));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('answers each of many slow requests once', async () => {
    const { handler, reports } = setUp({ defaultHandler: () => later(3_000, () => undefined) });
    const requests = await Promise.all(
      Array.from({ length: 500 }, (_, n) => callbackOf('My.Command', { n })),
    );
    const answering = Promise.all(requests.map((request) => handler.receive(request)));
    await vi.advanceTimersByTimeAsync(1_800);
    expect((await answering).every(({ status }) => status === 503)).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reports.filter(({ kind }) => kind === 'request')).toHaveLength(500);
    expect(reports.filter(({ kind }) => kind === 'late')).toHaveLength(500);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds for handle, whose late result is reported with its event', async () => {
    const { handler, reports } = setUp({ defaultHandler: () => later(3_000, () => undefined) });
    const event = handler.createEvent({ SdkAppid: '1', CallbackCommand: 'My.Command' }, '{"a":1}');
    const failed = expect(handler.handle(event)).rejects.toMatchObject({ code: 'handler_timeout' });
    await vi.advanceTimersByTimeAsync(5_000);
    await failed;
    expect(reports).toEqual([expect.objectContaining({ kind: 'late', event, command: 'My.Command' })]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
