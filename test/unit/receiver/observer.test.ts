import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BaseResponse } from '../../../src/core.js';
import { memoryDedupeStore } from '../../../src/dedupe/memory-store.js';
import type { CallbackMessage } from '../../../src/observe/message.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { drop, ok, refuse } from '../../../src/protocol/answers.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { APP, baseOptions, callbackOf, NOW, requestOf, signedQueryFor } from '../../support/requests.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';
const TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
const OTHER = `00-${'3'.repeat(32)}-${'4'.repeat(16)}-01`;

/** What was told at the end of each operation since the last look. */
const told: CallbackMessage[] = [];
const ends: (() => void)[] = [];

function listen(
  operation: CallbackMessage['operation'],
  event: 'start' | 'asyncEnd',
  note: (message: CallbackMessage) => void,
): void {
  const channel = tracingChannel(`qcloud-im-callback:${operation}`)[event];
  const listener = (message: unknown): void => note(message as CallbackMessage);
  channel.subscribe(listener);
  ends.push(() => channel.unsubscribe(listener));
}

beforeEach(() => {
  told.length = 0;
  for (const operation of ['receive', 'handle', 'enqueue', 'run'] as const) {
    listen(operation, 'asyncEnd', (message) => told.push(message));
  }
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
  vi.useRealTimers();
});

/** Lets a receiver answer one callback; gives what was told of it. */
async function toldOf(
  options: Partial<QcloudImOptions>,
  command: string = BEFORE,
  body: Record<string, unknown> = sampleBody(command as typeof BEFORE),
): Promise<CallbackMessage[]> {
  const handler = new CallbackHandler({ ...baseOptions, ...options });
  await handler.receive(await callbackOf(command, body));
  await handler.close();
  return told.splice(0);
}

describe('what is told of a request', () => {
  it('is everything that it came to', async () => {
    const [handle, receive] = await toldOf({ handlers: { [BEFORE]: () => refuse('no') } });
    expect(receive).toEqual({
      operation: 'receive',
      command: BEFORE,
      phase: 'before',
      known: true,
      trusted: true,
      app: APP,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      byteLength: JSON.stringify(sampleBody(BEFORE)).length,
      outcome: 'answered',
      answerKind: 'refuse',
      answerCode: 10100,
      status: 200,
      tokenPosition: 0,
      startedAt: expect.any(Number),
      durationMs: expect.any(Number),
      stages: {
        verify: expect.any(Number),
        read: expect.any(Number),
        validate: expect.any(Number),
        handle: expect.any(Number),
      },
    });
    expect(handle).toMatchObject({
      operation: 'handle',
      command: BEFORE,
      eventId: receive?.eventId,
      outcome: 'answered',
      answerKind: 'refuse',
    });
    const stages = Object.values(receive?.stages ?? {}).reduce((sum, ms) => sum + ms, 0);
    expect(stages).toBeLessThanOrEqual(receive?.durationMs ?? 0);
  });

  it.each([
    [() => ok(), 'ok', 0],
    [async () => drop(), 'drop', 2],
    [() => ({ ActionStatus: 'OK' as const, ErrorCode: 0, ErrorInfo: '' }), 'ok', 0],
    [() => ({ ActionStatus: 'OK' as const, ErrorCode: 2, ErrorInfo: '' }), 'drop', 2],
    [() => ({ ActionStatus: 'OK' as const, ErrorCode: 10101, ErrorInfo: '' }), 'refuse', 10101],
  ])('names the kind and the code of an answer', async (handle, answerKind, answerCode) => {
    const [, receive] = await toldOf({ handlers: { [BEFORE]: handle } });
    expect(receive).toMatchObject({ outcome: 'answered', answerKind, answerCode });
  });

  it.each([
    ['at once', (answer: BaseResponse) => answer],
    ['later', async (answer: BaseResponse) => answer],
  ])('is a failure where an answer that comes %s cannot be read', async (_when, handle) => {
    const hostile = {
      get ActionStatus(): 'OK' {
        throw new Error('not to be read');
      },
      ErrorCode: 0,
      ErrorInfo: '',
    };
    const [handled, receive] = await toldOf({ handlers: { [BEFORE]: () => handle(hostile) } });
    expect(handled).toMatchObject({ operation: 'handle', outcome: 'answered' });
    expect(handled).not.toHaveProperty('answerKind');
    expect(receive).toMatchObject({ status: 500, errorCode: 'handler_failed' });
  });

  it('comes from a handler that is called on its route, as where nobody listens', async () => {
    const route = {
      verdict: refuse(7),
      handle() {
        return this.verdict;
      },
    };
    const [, receive] = await toldOf({ handlers: { [BEFORE]: route } });
    expect(receive).toMatchObject({ answerKind: 'refuse', answerCode: 7 });
  });

  it('is that of the default handler and of the hook, too', async () => {
    const [handle, byDefault] = await toldOf({ defaultHandler: () => refuse(7) }, AFTER);
    expect([handle?.operation, byDefault?.answerCode]).toEqual(['handle', 7]);
    const [byHook, ...rest] = await toldOf({ beforeHook: () => refuse(7) }, AFTER);
    expect(byHook).toMatchObject({ operation: 'receive', outcome: 'answered', answerCode: 7 });
    expect(rest).toEqual([]);
  });

  it('says which token of a list has signed it', async () => {
    const [, receive] = await toldOf({ token: ['new', baseOptions.token], defaultHandler: () => ok() });
    expect(receive?.tokenPosition).toBe(1);
    const [, unsigned] = await toldOf({ token: false });
    expect(unsigned).not.toHaveProperty('tokenPosition');
  });

  it('says why it was refused, and what a stranger called it', async () => {
    const handler = new CallbackHandler(baseOptions);
    await handler.receive(requestOf(await signedQueryFor('Evil\u0000', { Sign: 'a'.repeat(64) })));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      outcome: 'refused',
      errorCode: 'signature_invalid',
      error: { code: 'signature_invalid' },
      command: 'Evil\u0000',
      known: false,
      phase: 'other',
      trusted: false,
      status: 401,
    });
    expect(told[0]).not.toHaveProperty('byteLength');
    told.length = 0;
    await handler.receive({ ...requestOf(''), method: 'GET' });
    expect(told[0]).toMatchObject({ outcome: 'refused', errorCode: 'method_not_allowed', known: false });
    expect(told[0]).not.toHaveProperty('command');
  });

  it('says how long a body was that is refused', async () => {
    const handler = new CallbackHandler(baseOptions);
    await handler.receive(requestOf(await signedQueryFor(BEFORE), Buffer.from('[1]')));
    expect(told[0]).toMatchObject({
      command: BEFORE,
      phase: 'before',
      outcome: 'refused',
      errorCode: 'body_not_json',
      byteLength: 3,
      trusted: true,
      stages: { verify: expect.any(Number) },
    });
  });

  it('says that its handler failed', async () => {
    const cause = new Error('no');
    const [handle, receive] = await toldOf({
      handlers: {
        [BEFORE]: () => {
          throw cause;
        },
      },
    });
    for (const message of [handle, receive]) {
      expect(message).toMatchObject({ outcome: 'failed', errorCode: 'handler_failed', error: { cause } });
    }
  });

  it('is late when there was no answer in time, and so is the handler when it ends', async () => {
    let finish: (() => void) | undefined;
    const waits = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handler = new CallbackHandler({
      ...baseOptions,
      deadlineMs: 20,
      handlers: { [BEFORE]: () => waits.then(() => ok()) },
    });
    await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    expect(told.splice(0)).toMatchObject([
      { operation: 'receive', outcome: 'late', errorCode: 'handler_timeout' },
    ]);
    finish?.();
    await vi.waitFor(() =>
      expect(told).toMatchObject([{ operation: 'handle', outcome: 'late', answerKind: 'ok' }]),
    );
  });

  it('is the check of the URL, or a repetition', async () => {
    const [check] = await toldOf({}, BEFORE, {});
    expect(check).toMatchObject({ outcome: 'url_check', trusted: true });
    const handler = new CallbackHandler({ ...baseOptions, dedupe: { store: memoryDedupeStore() } });
    for (let time = 0; time < 2; time++) {
      const request = requestOf(
        await signedQueryFor(AFTER, { RequestID: 'r' }),
        JSON.stringify(sampleBody(AFTER)),
      );
      await handler.receive(request);
    }
    expect(told.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'handle answered',
      'receive answered',
      'receive duplicate',
    ]);
  });
});

describe('what is told of a queued event', () => {
  it('follows it into the queue and out of it', async () => {
    let now = NOW;
    const messages = await toldOf(
      {
        now: () => now,
        handlers: {
          [AFTER]: queued(({ attempt }) => {
            now += 1_000;
            if (attempt === 1) throw new Error('again');
          }),
        },
        queue: memoryQueue({ attempts: 2, backoff: { initialMs: 1 } }),
        beforeHook: () => {
          now += 5;
          return undefined;
        },
      },
      AFTER,
    );
    expect(messages).toMatchObject([
      { operation: 'enqueue', outcome: 'queued', command: AFTER, app: APP },
      { operation: 'receive', outcome: 'queued', answerKind: 'ok', answerCode: 0 },
      { operation: 'run', outcome: 'failed', errorCode: 'handler_failed', attempt: 1, queueWaitMs: 5 },
      { operation: 'run', outcome: 'done', attempt: 2 },
    ]);
    expect(messages[3]).not.toHaveProperty('queueWaitMs');
    expect(new Set(messages.map(({ eventId }) => eventId)).size).toBe(1);
  });

  it('says why a queue did not take it', async () => {
    const handler = new CallbackHandler({ ...baseOptions, handlers: { [AFTER]: queued(() => undefined) } });
    const event = handler.createEvent(
      { SdkAppid: APP, CallbackCommand: AFTER },
      JSON.stringify(sampleBody(AFTER)),
    );
    const queue = memoryQueue({ workers: 1, capacity: 1, assist: { max: 0 } } as object);
    const full = new CallbackHandler({
      ...baseOptions,
      queue: {
        ...queue,
        open: () => queue.open(),
        start: () => undefined,
        stats: () => queue.stats(),
        close: () => queue.close(),
        enqueue: () => {
          throw new Error('away');
        },
      },
      handlers: { [AFTER]: queued(() => undefined) },
    });
    await full.ready();
    await expect(full.handle(event)).rejects.toMatchObject({ code: 'queue_failed' });
    expect(told).toMatchObject([{ operation: 'enqueue', outcome: 'failed', errorCode: 'queue_failed' }]);
  });

  it('carries the trace context that came with the request, or what a subscriber has left', async () => {
    const options: Partial<QcloudImOptions> = { handlers: { [AFTER]: queued(() => undefined) } };
    const traces = async (): Promise<(string | undefined)[]> => {
      const handler = new CallbackHandler({ ...baseOptions, ...options });
      await handler.receive({ ...(await callbackOf(AFTER, sampleBody(AFTER))), traceparent: TRACE });
      await handler.close();
      return told.splice(0).map(({ operation, traceparent }) => `${operation} ${traceparent}`);
    };
    expect(await traces()).toEqual([`enqueue ${TRACE}`, `receive ${TRACE}`, `run ${TRACE}`]);
    listen('enqueue', 'start', (message) => {
      message.traceparent = OTHER;
    });
    expect(await traces()).toEqual([`enqueue ${OTHER}`, `receive ${TRACE}`, `run ${OTHER}`]);
  });
});

describe('the option observe', () => {
  it('is told the same, also where nobody listens to the channels', async () => {
    for (const end of ends.splice(0)) end();
    const observe = vi.fn();
    await toldOf({ observe, handlers: { [BEFORE]: () => ok() } });
    expect(observe.mock.calls).toMatchObject([
      [{ operation: 'handle' }],
      [{ operation: 'receive', outcome: 'answered' }],
    ]);
  });

  it('may throw: the answer goes out, and the log says so', async () => {
    const error = vi.fn();
    const handler = new CallbackHandler({
      ...baseOptions,
      logger: { debug: vi.fn(), warn: vi.fn(), error },
      observe: () => {
        throw new Error('broken');
      },
    });
    const { status } = await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    expect(status).toBe(200);
    expect(error).toHaveBeenCalledWith(
      { err: new Error('broken') },
      'a listener of qcloud-im-callback threw',
    );
  });
});

describe('the log', () => {
  it('has one line for each callback, at debug', async () => {
    const debug = vi.fn();
    const logger = { debug, warn: vi.fn(), error: vi.fn() };
    await toldOf({ logger, handlers: { [BEFORE]: () => refuse('no') } });
    expect(debug.mock.calls).toEqual([
      [
        expect.objectContaining({
          command: BEFORE,
          app: APP,
          outcome: 'answered',
          answerCode: 10100,
          ms: expect.any(Number),
        }),
        expect.stringMatching(/^Group\.CallbackBeforeSendMsg answered in [\d.]+ ms$/),
      ],
    ]);
    await toldOf({ logger, token: ['other'] });
    expect(debug).toHaveBeenCalledTimes(2);
    expect(debug.mock.calls[1]?.[0]).toMatchObject({ code: 'signature_invalid' });
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('is one line, whatever a sender has called his command', async () => {
    const debug = vi.fn();
    await toldOf({ logger: { debug, warn: vi.fn(), error: vi.fn() } }, 'My\nforged', { a: 1 });
    expect(debug.mock.calls[0]?.[1]).toMatch(/^My\\u000aforged answered in/);
  });

  it('calls a check of the URL by its name', async () => {
    const debug = vi.fn();
    const handler = new CallbackHandler({ ...baseOptions, logger: { debug, warn: vi.fn(), error: vi.fn() } });
    await handler.receive(requestOf(await signedQueryFor('', { CallbackCommand: undefined })));
    expect(debug.mock.calls[0]?.[1]).toMatch(/^no command url_check in/);
  });

  it('has none where the logger writes no such lines, and none is made for the console', async () => {
    const debug = vi.fn();
    const logger = { debug, warn: vi.fn(), error: vi.fn(), isLevelEnabled: () => false };
    await toldOf({ logger });
    expect(debug).not.toHaveBeenCalled();
  });
});
