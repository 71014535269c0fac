import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FailureReport } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { refuse } from '../../../src/protocol/answers.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf, jsonOf } from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('construction', () => {
  it('takes a receiver as it is, also one of another copy, and makes one of options', () => {
    const handler = new CallbackHandler(baseOptions);
    expect(CallbackHandler.from(handler)).toBe(handler);
    const foreign = { [Symbol.for('qcloud-im-callback.handler')]: true } as unknown as CallbackHandler;
    expect(CallbackHandler.from(foreign)).toBe(foreign);
    expect(CallbackHandler.from(baseOptions)).toBeInstanceOf(CallbackHandler);
    for (const nothing of [undefined, null]) {
      // @ts-expect-error what JavaScript users may pass
      expect(() => CallbackHandler.from(nothing)).toThrow(/^option_invalid/);
    }
  });

  it('tells adapters the limit and the path', () => {
    expect(new CallbackHandler({ ...baseOptions, bodyLimit: 9, path: '/x' })).toMatchObject({
      bodyLimit: 9,
      path: '/x',
    });
    expect(new CallbackHandler(baseOptions).path).toBeUndefined();
  });
});

describe('registering', () => {
  it('may go on after traffic has started, also in a chain; what is removed is gone', async () => {
    const handler = new CallbackHandler(baseOptions);
    const codeOf = async (command: string, body: Record<string, unknown>) =>
      jsonOf(await handler.receive(await callbackOf(command, body)))['ErrorCode'];
    const handle = () => ({ ActionStatus: 'OK', ErrorCode: 7, ErrorInfo: '' }) as const;
    expect(await codeOf('My.Command', { a: 1 })).toBe(0);
    handler
      .register(AFTER, handle)
      .registerOther('My.Command', handle)
      .registerDefaultHandler(() => refuse(8));
    expect([await codeOf(AFTER, sampleBody(AFTER)), await codeOf('My.Command', { a: 1 })]).toEqual([7, 7]);
    expect([handler.has(AFTER), handler.has('Other.Command')]).toEqual([true, false]);
    expect(handler.get('My.Command')).toMatchObject({ handle });
    expect([handler.unregister('My.Command'), handler.unregister('My.Command')]).toEqual([true, false]);
    expect(await codeOf('My.Command', { a: 1 })).toBe(8);
    handler.registerBeforeHook(() => refuse(9));
    expect(await codeOf(AFTER, sampleBody(AFTER))).toBe(9);
    handler.registerBeforeHook(undefined);
    expect(await codeOf(AFTER, sampleBody(AFTER))).toBe(7);
  });
});

describe('what is said of the queue', () => {
  it('is the two numbers of workers, and its figures', async () => {
    const handler = new CallbackHandler({ ...baseOptions, queue: memoryQueue({ workers: 3 }) });
    await handler.ready();
    expect(handler.workers()).toEqual({ master: 3, assistActive: 0 });
    expect(handler.stats()).toMatchObject({ workers: 3, queued: 0 });
    await handler.close();
  });
});

describe('a fallback', () => {
  it('takes what the queue does not accept within the deadline, and has figures of its own', async () => {
    vi.useFakeTimers();
    const { queue } = strangeQueue({ enqueue: () => new Promise<void>(() => undefined) });
    const handler = new CallbackHandler({
      ...baseOptions,
      queue,
      fallback: memoryQueue(),
      handlers: { [AFTER]: queued(() => new Promise(() => undefined)) },
    });
    await handler.ready();
    const answering = handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    await vi.advanceTimersByTimeAsync(1_799);
    expect((await answering).status).toBe(200);
    expect(handler.stats()).toMatchObject({ accepted: 0, fallback: { accepted: 1 } });
    const closing = handler.close({ timeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(1);
    expect(await closing).toMatchObject({ remaining: [{ command: AFTER }], timedOut: true });
  });
});

describe('queued commands', () => {
  it('run after the answer, with their attempt and a signal', async () => {
    let seen: { attempt: number; aborted: boolean; id: string } | undefined;
    const handler = new CallbackHandler({
      ...baseOptions,
      handlers: {
        [AFTER]: queued((event) => {
          seen = { attempt: event.attempt, aborted: event.signal.aborted, id: event.id };
        }),
      },
    });
    expect(jsonOf(await handler.receive(await callbackOf(AFTER, sampleBody(AFTER))))).toEqual(OK);
    await handler.idle();
    expect(seen).toEqual({ attempt: 1, aborted: false, id: expect.any(String) });
  });

  it('run before the answer where the process may end with it', async () => {
    const steps: string[] = [];
    const handler = new CallbackHandler({
      ...baseOptions,
      handlers: {
        [AFTER]: queued(async () => {
          await Promise.resolve();
          steps.push('handled');
        }),
      },
    });
    const parts = { background: false };
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER), parts));
    steps.push('answered');
    expect(steps).toEqual(['handled', 'answered']);
    expect(handler.stats().accepted).toBe(0);
    handler.register(
      AFTER,
      queued(() => Promise.reject(new Error('x'))),
    );
    expect((await handler.receive(await callbackOf(AFTER, sampleBody(AFTER), parts))).status).toBe(500);
  });

  it('go into a queue that outlives the process even there', async () => {
    const { queue, calls } = strangeQueue();
    const handler = new CallbackHandler({
      ...baseOptions,
      queue,
      handlers: { [AFTER]: queued(() => undefined) },
    });
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER), { background: false }));
    expect(calls.enqueue).toBe(1);
  });

  it('go to the default handler when their route was removed before they ran', async () => {
    const fallen = vi.fn(() => undefined);
    const gate = gateOf();
    const begun = gateOf();
    const handler = new CallbackHandler({
      ...baseOptions,
      queue: memoryQueue({ workers: 1 }),
      handlers: {
        [AFTER]: queued(() => {
          begun.resolve();
          return gate.promise;
        }),
      },
    });
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    await begun.promise;
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    handler.unregister(AFTER);
    handler.registerDefaultHandler(fallen);
    gate.resolve();
    await handler.idle();
    expect(fallen).toHaveBeenCalledTimes(1);
  });

  it('that fail are reported with their event and attempt', async () => {
    const reports: FailureReport[] = [];
    const handler = new CallbackHandler({
      ...baseOptions,
      onError: (report) => reports.push(report),
      handlers: { [AFTER]: queued(() => Promise.reject(new Error('x'))) },
    });
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    await handler.idle();
    expect(reports).toEqual([
      expect.objectContaining({ kind: 'dead', command: AFTER, attempt: 1, event: expect.anything() }),
    ]);
    expect(reports[0]?.error.code).toBe('handler_failed');
  });
});

function gateOf(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
