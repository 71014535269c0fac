import { context, trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { traceCallbacks } from '../../../src/observe/opentelemetry.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { refuse } from '../../../src/protocol/answers.js';
import { diskQueue } from '../../../src/queue/disk/disk.js';
import { listQueue } from '../../../src/queue/list/list.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import type { EventQueue } from '../../../src/queue/queue.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { freshDir } from '../../support/disk-queues.js';
import { MemoryListStore } from '../../support/list-store.js';
import { baseOptions, callbackOf, requestOf, signedQueryFor } from '../../support/requests.js';
import { keepSpans, type SpanKeeper, shortOf } from '../../support/spans.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';
const CALLER = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;

let keeper: SpanKeeper;
let stop: () => void;

beforeAll(() => {
  keeper = keepSpans();
});
afterAll(() => keeper.remove());
beforeEach(() => {
  stop = traceCallbacks();
});
afterEach(() => stop());

/** Lets a receiver take one callback; gives the spans. */
async function spansOf(
  options: Partial<QcloudImOptions>,
  command: typeof BEFORE | typeof AFTER,
  traceparent?: string,
) {
  const handler = new CallbackHandler({ ...baseOptions, ...options });
  await handler.receive({ ...(await callbackOf(command, sampleBody(command))), traceparent });
  await handler.close();
  return keeper.take().map(shortOf);
}

describe('the span of a request', () => {
  it('is one of our own where there is none, in the trace that the header names', async () => {
    const [handle, request] = await spansOf(
      { handlers: { [BEFORE]: () => refuse('no') } },
      BEFORE,
      TRACEPARENT,
    );
    expect(request).toMatchObject({
      name: 'POST',
      kind: 'SERVER',
      status: 'UNSET',
      traceId: CALLER.traceId,
      parentId: CALLER.spanId,
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'qcloud_im.command': BEFORE,
        'qcloud_im.app': '1400000000',
        'qcloud_im.event_id': expect.any(String),
        'qcloud_im.outcome': 'answered',
        'qcloud_im.answer.kind': 'refuse',
        'qcloud_im.answer.code': 10100,
      },
    });
    expect(handle).toMatchObject({
      name: `handle ${BEFORE}`,
      kind: 'INTERNAL',
      traceId: CALLER.traceId,
      parentId: request?.spanId,
    });
  });

  it('begins a trace where the header names none', async () => {
    for (const header of [undefined, 'nonsense']) {
      const [, request] = await spansOf({}, BEFORE, header);
      expect(request).toMatchObject({ name: 'POST', parentId: undefined });
    }
  });

  it('is the one of the server where there is one, which gets the attributes and stays open', async () => {
    const span = trace.getTracer('http').startSpan('POST /im/callback');
    const spans = await context.with(trace.setSpan(context.active(), span), () =>
      spansOf({}, AFTER, TRACEPARENT),
    );
    expect(spans).toMatchObject([{ name: `handle ${AFTER}`, parentId: span.spanContext().spanId }]);
    expect(span.isRecording()).toBe(true);
    span.end();
    const [server] = keeper.take().map(shortOf);
    expect(server).toMatchObject({
      name: 'POST /im/callback',
      attributes: { 'qcloud_im.command': AFTER, 'qcloud_im.outcome': 'answered' },
    });
  });

  it('has no text of a stranger, whose refusal is no failure of the server', async () => {
    const handler = new CallbackHandler({ ...baseOptions, sdkAppId: false });
    await handler.receive(
      requestOf(await signedQueryFor('Evil.One', { SdkAppid: '7', Sign: 'a'.repeat(64) })),
    );
    const [request] = keeper.take().map(shortOf);
    expect(request).toMatchObject({ status: 'UNSET' });
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 401,
      'qcloud_im.outcome': 'refused',
      'error.type': 'signature_invalid',
    });
  });

  it('records what a handler threw, and what has no cause', async () => {
    const handlers = {
      [BEFORE]: () => {
        throw new Error('no');
      },
    };
    const handler = new CallbackHandler({ ...baseOptions, handlers });
    await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    const [handle, request] = keeper.take();
    for (const span of [handle, request]) {
      expect(span?.events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'no' } }]);
      expect(span && shortOf(span)).toMatchObject({ status: 'ERROR' });
    }
    await handler.close();
    await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    const [closing] = keeper.take();
    expect(closing?.events[0]?.attributes).toMatchObject({ 'exception.type': 'closing' });
  });
});

describe('the spans of a queued event', () => {
  const queues: readonly [string, () => () => EventQueue][] = [
    ['memory', () => () => memoryQueue()],
    [
      'disk',
      () => {
        const dir = freshDir();
        return () => diskQueue({ dir });
      },
    ],
    [
      'list',
      () => {
        const store = new MemoryListStore();
        return () => listQueue(store, { key: 'events' });
      },
    ],
  ];

  it.each(queues)('lead from the request to the run, over the queue in %s', async (_name, place) => {
    const queueAt = place();
    const inRun = vi.fn();
    const handler = new CallbackHandler({
      ...baseOptions,
      queue: queueAt(),
      handlers: { [AFTER]: queued(() => inRun(trace.getActiveSpan()?.spanContext().spanId)) },
    });
    await handler.receive({ ...(await callbackOf(AFTER, sampleBody(AFTER))), traceparent: TRACEPARENT });
    await vi.waitFor(() => expect(inRun).toHaveBeenCalled(), { timeout: 10_000 });
    await handler.close({ timeoutMs: 1_000 });
    const spans = keeper.take().map(shortOf);
    const byKind = Object.fromEntries(spans.map((span) => [span.kind, span]));
    const { SERVER: request, PRODUCER: send, CONSUMER: process } = byKind;
    expect(spans).toHaveLength(3);
    expect(send).toMatchObject({
      name: `send ${AFTER}`,
      traceId: CALLER.traceId,
      parentId: request?.spanId,
      attributes: {
        'messaging.system': 'qcloud_im',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': AFTER,
        'messaging.message.id': request?.attributes['qcloud_im.event_id'],
        'messaging.message.body.size': JSON.stringify(sampleBody(AFTER)).length,
      },
    });
    expect(process).toMatchObject({
      name: `process ${AFTER}`,
      parentId: undefined,
      links: [send?.spanId],
      attributes: {
        'messaging.operation.type': 'process',
        'qcloud_im.attempt': 1,
        'qcloud_im.outcome': 'done',
      },
    });
    expect(process?.traceId).not.toBe(CALLER.traceId);
    expect(inRun).toHaveBeenCalledWith(process?.spanId);
  });

  it('have no link where nobody has traced the request', async () => {
    stop();
    const handler = new CallbackHandler({
      ...baseOptions,
      handlers: { [AFTER]: queued(() => undefined) },
      queue: memoryQueue(),
    });
    const event = handler.createEvent(
      { SdkAppid: '1400000000', CallbackCommand: AFTER },
      JSON.stringify(sampleBody(AFTER)),
    );
    stop = traceCallbacks();
    await handler.consumer.consume(event, { attempt: 1, signal: new AbortController().signal });
    expect(keeper.take().map(shortOf)).toMatchObject([{ kind: 'CONSUMER', links: [] }]);
  });
});

describe('an end without a beginning', () => {
  it('makes no span: what was under way when tracing began', async () => {
    stop();
    let answer: () => void = () => undefined;
    const handler = new CallbackHandler({
      ...baseOptions,
      observe: () => undefined,
      defaultHandler: () =>
        new Promise((resolve) => {
          answer = () => resolve(undefined);
        }),
    });
    const request = await callbackOf(AFTER, sampleBody(AFTER));
    const answering = handler.receive(request);
    stop = traceCallbacks();
    answer();
    await answering;
    expect(keeper.take()).toEqual([]);
  });
});
