import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { CallbackError } from '../../../src/base/errors.js';
import { type DedupeStore, memoryDedupeStore } from '../../../src/dedupe/memory-store.js';
import type { AnswerBody } from '../../../src/pipeline/answer.js';
import { Deduper } from '../../../src/pipeline/dedupe.js';
import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import { eventFrom } from '../../../src/protocol/received-event.js';

const answerOf = (ErrorCode: number): AnswerBody => ({ ActionStatus: 'OK', ErrorCode, ErrorInfo: '' });

function eventOf(RequestId?: string): AnyCallbackEvent {
  const params = { SdkAppid: '1', CallbackCommand: 'x', ContentType: '', ClientIP: '', OptPlatform: '' };
  return eventFrom({
    command: 'My.Command',
    params: RequestId === undefined ? params : { ...params, RequestId },
    body: {},
    rawBody: new Uint8Array(),
    receivedAt: 0,
  });
}

function setUp(store: DedupeStore = memoryDedupeStore()) {
  const onStoreError = vi.fn();
  const deduper = new Deduper({ store, ttlMs: 1_000, onStoreError });
  let runs = 0;
  const run = async (event: AnyCallbackEvent, work?: () => Promise<AnswerBody>, durationMs = 1_000) => {
    const deadline = new Deadline(durationMs, () => undefined);
    try {
      return await deduper.run(event, deadline, async () => {
        runs++;
        return work === undefined ? answerOf(runs) : work();
      });
    } finally {
      deadline.end();
    }
  };
  return { run, onStoreError, runs: () => runs };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('Deduper', () => {
  it('gives a repetition the first answer and runs it only once', async () => {
    const { run, runs } = setUp();
    expect(await run(eventOf('a'))).toEqual(answerOf(1));
    expect(await run(eventOf('a'))).toEqual(answerOf(1));
    expect(await run(eventOf('b'))).toEqual(answerOf(2));
    expect(runs()).toBe(2);
  });

  it('answers a before-callback again only when its body is the same: a client has a say in its key', async () => {
    const { run, runs } = setUp();
    const askAbout = (text: string) =>
      eventFrom({
        command: 'C2C.CallbackBeforeSendMsg',
        params: {
          SdkAppid: '1',
          CallbackCommand: '',
          ContentType: '',
          ClientIP: '',
          OptPlatform: '',
          RequestId: 'a',
        },
        body: {},
        rawBody: new TextEncoder().encode(text),
        receivedAt: 0,
      });
    expect(await run(askAbout('hello'))).toEqual(answerOf(1));
    expect(await run(askAbout('buy spam'))).toEqual(answerOf(2));
    expect(await run(askAbout('hello'))).toEqual(answerOf(1));
    expect(runs()).toBe(2);
  });

  it('gives the store a digest, however long the key is', async () => {
    const keys: string[] = [];
    const { run } = setUp({ get: (key) => void keys.push(key), set: () => undefined });
    await run(eventOf('a'.repeat(10_000)));
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('runs every event that nothing tells from others', async () => {
    const { run, runs } = setUp();
    await run(eventOf());
    await run(eventOf());
    expect(runs()).toBe(2);
  });

  it('lets a repetition wait for the first one while that is being handled, whatever the store keeps', async () => {
    const { run, runs } = setUp({ get: () => undefined, set: () => undefined });
    let finish: ((answer: AnswerBody) => void) | undefined;
    const first = run(eventOf('a'), () => new Promise((resolve) => (finish = resolve)));
    const second = run(eventOf('a'));
    await vi.waitFor(() => expect(finish).toBeDefined());
    finish?.(answerOf(7));
    expect(await Promise.all([first, second])).toEqual([answerOf(7), answerOf(7)]);
    expect(runs()).toBe(1);
  });

  it('handles a repetition itself when the first one fails, one after the other', async () => {
    const { run, runs } = setUp();
    const failure = new CallbackError('handler_failed');
    const fails = () => Promise.reject(failure);
    const results = await Promise.allSettled([
      run(eventOf('a'), fails),
      run(eventOf('a'), fails),
      run(eventOf('a')),
      run(eventOf('a')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
    expect(runs()).toBe(3);
    expect(await run(eventOf('a'))).toEqual(answerOf(3));
  });

  it('lets no repetition wait past its own deadline', async () => {
    vi.useFakeTimers();
    const { run } = setUp();
    void run(eventOf('a'), () => new Promise(() => undefined));
    const failed = expect(run(eventOf('a'), undefined, 100)).rejects.toMatchObject({
      code: 'handler_timeout',
    });
    await vi.advanceTimersByTimeAsync(100);
    await failed;
  });

  it.each<[string, DedupeStore]>([
    [
      'rejects',
      { get: () => Promise.reject(new Error('away')), set: () => Promise.reject(new Error('away')) },
    ],
    [
      'throws',
      {
        get() {
          throw new Error('away');
        },
        set() {
          throw new Error('away');
        },
      },
    ],
    ['keeps no JSON', { get: () => undefined, set: () => Promise.reject(new CallbackError('queue_failed')) }],
  ])('handles the event when the store %s, and tells of it', async (_, store) => {
    const { run, onStoreError } = setUp(store);
    const event = eventOf('a');
    expect(await run(event)).toEqual(answerOf(1));
    expect(onStoreError).toHaveBeenCalledWith(expect.objectContaining({ code: 'queue_failed' }), event);
  });

  it.each<[string, unknown]>([
    ['no JSON', expect.any(SyntaxError)],
    ['', expect.any(SyntaxError)],
    ['null', 'it kept no answer'],
    ['{}', 'it kept no answer'],
    ['[]', 'it kept no answer'],
  ])('handles the event when the store kept %j, and tells of it', async (kept, cause) => {
    const { run, onStoreError } = setUp({ get: () => kept, set: () => undefined });
    const event = eventOf('a');
    expect(await run(event)).toEqual(answerOf(1));
    expect(onStoreError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'queue_failed', cause }), event],
    ]);
  });

  it('takes null for nothing, as Redis clients give it', async () => {
    const { run, onStoreError } = setUp({ get: () => null as unknown as undefined, set: () => undefined });
    expect(await run(eventOf('a'))).toEqual(answerOf(1));
    expect(onStoreError).not.toHaveBeenCalled();
  });

  it('gives a store a quarter of the time, and leaves no timer', async () => {
    vi.useFakeTimers();
    const never = <T>(): Promise<T> => new Promise(() => undefined);
    const { run, runs, onStoreError } = setUp({ get: never, set: never });
    const done = run(eventOf('a'), undefined, 1_000);
    await vi.advanceTimersByTimeAsync(249);
    expect(runs()).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs()).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await done).toEqual(answerOf(1));
    const late = { message: 'queue_failed: the de-duplication store failed', cause: 'late' };
    expect(onStoreError.mock.calls.map(([error]) => error)).toMatchObject([late, late]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind a store that answers in time', async () => {
    vi.useFakeTimers();
    const { run, onStoreError } = setUp({ get: async () => undefined, set: async () => undefined });
    expect(await run(eventOf('a'))).toEqual(answerOf(1));
    expect(vi.getTimerCount()).toBe(0);
    expect(onStoreError).not.toHaveBeenCalled();
  });

  it('does not keep the answer of a failure', async () => {
    const set = vi.fn();
    const { run } = setUp({ get: () => undefined, set });
    await expect(run(eventOf('a'), () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(set).not.toHaveBeenCalled();
    await run(eventOf('a'));
    expect(set).toHaveBeenCalledWith(expect.any(String), JSON.stringify(answerOf(2)), 1_000);
  });
});
