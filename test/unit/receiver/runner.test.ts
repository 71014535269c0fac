import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { CallbackError } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/options/logger.js';
import { queued } from '../../../src/options/routes.js';
import { ok, refuse } from '../../../src/protocol/answers.js';
import { LazyQueue } from '../../../src/queue/lazy.js';
import type { EventQueue } from '../../../src/queue/queue.js';
import { Observer } from '../../../src/receiver/observer.js';
import { Registration } from '../../../src/receiver/registration.js';
import { Reporter } from '../../../src/receiver/reporter.js';
import { consume, Runner } from '../../../src/receiver/runner.js';
import { Recorder, sampleEvent } from '../../support/queue-events.js';
import { strangeQueue } from '../../support/strange-queue.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
const event = sampleEvent('1');

/** A runner on a queue, some verbs of which behave otherwise. */
function setUp(changes: Partial<EventQueue> = {}) {
  const registration = new Registration();
  const { queue, calls } = strangeQueue(changes);
  const keeper = new LazyQueue(queue, new Recorder());
  const reporter = new Reporter({ logger: silentLogger, onInvalid: undefined, onError: undefined });
  const observer = new Observer({
    observe: undefined,
    lines: undefined,
    now: Date.now,
    guard: (tell) => reporter.guard(tell),
  });
  const runner = new Runner({ registration, keeper, reporter, observer, dedupe: undefined });
  const answer = async (durationMs = 5_000, background?: boolean) => {
    const deadline = new Deadline(durationMs, () => undefined);
    try {
      return await runner.answer(event, deadline, {}, background);
    } finally {
      deadline.end();
    }
  };
  return { registration, keeper, runner, calls, answer };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('answer', () => {
  it('lets the hook go first; its answer ends the request', async () => {
    const { registration, answer } = setUp();
    const handle = vi.fn(() => ok());
    registration.routes.set(AFTER, handle);
    for (const hook of [() => refuse(7), async () => refuse(7)]) {
      registration.hook = hook;
      expect(await answer()).toMatchObject({ ErrorCode: 7 });
    }
    expect(handle).not.toHaveBeenCalled();
    for (const hook of [() => undefined, async () => undefined, undefined]) {
      registration.hook = hook;
      expect(await answer()).toMatchObject({ ErrorCode: 0 });
    }
    expect(handle).toHaveBeenCalledTimes(3);
  });

  it.each([null, false, 0, '', 'ok', {}])('does not take the hook’s %j for going on', async (returned) => {
    const { registration, answer } = setUp();
    const handle = vi.fn();
    registration.routes.set(AFTER, handle);
    registration.hook = () => returned as unknown as undefined;
    await expect(answer()).rejects.toMatchObject({ code: 'handler_failed' });
    expect(handle).not.toHaveBeenCalled();
  });

  it('is there at once where nothing has to be waited for', () => {
    const { registration, runner } = setUp();
    registration.hook = () => undefined;
    registration.routes.set(AFTER, () => refuse(7));
    const deadline = new Deadline(5_000, () => undefined);
    expect(runner.answer(event, deadline, {})).toMatchObject({ ErrorCode: 7 });
    deadline.end();
  });

  it('is ok when nobody is registered', async () => {
    expect(await setUp().answer()).toEqual(OK);
  });
});

describe('a queued event', () => {
  it('is answered when the queue has it', async () => {
    const { registration, keeper, calls, answer } = setUp();
    registration.routes.set(AFTER, queued(vi.fn()));
    expect(await answer()).toEqual(OK);
    expect(calls.enqueue).toBe(1);
    await keeper.close({});
  });

  it('does not wait for a queue that accepts at once, and leaves no timer', async () => {
    vi.useFakeTimers();
    const { registration, keeper, answer } = setUp({ enqueue: () => undefined });
    registration.routes.set(AFTER, queued(vi.fn()));
    await keeper.ready();
    expect(await answer()).toEqual(OK);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells the queue how much time is left', async () => {
    const enqueue = vi.fn(async () => undefined);
    const { registration, keeper, runner } = setUp({ enqueue });
    registration.routes.set(AFTER, queued(vi.fn()));
    await keeper.ready();
    vi.useFakeTimers();
    const deadline = new Deadline(100, () => undefined);
    vi.advanceTimersByTime(30);
    await runner.answer(event, deadline, {});
    deadline.end();
    expect(enqueue).toHaveBeenCalledWith(event, { timeoutMs: 70 });
  });

  it.each<[string, Partial<EventQueue>]>([
    ['opens', { open: () => new Promise<void>(() => undefined) }],
    ['accepts', { enqueue: () => new Promise<void>(() => undefined) }],
  ])('fails when the queue never %s within the deadline', async (_, changes) => {
    vi.useFakeTimers();
    const { registration, answer } = setUp(changes);
    registration.routes.set(AFTER, queued(vi.fn()));
    const failed = expect(answer(100)).rejects.toThrow(
      'queue_failed: the queue did not accept the event in time',
    );
    await vi.advanceTimersByTimeAsync(100);
    await failed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps a coded error of the queue and wraps any other, thrown or rejected', async () => {
    const full = new CallbackError('queue_full');
    const cause = new Error('x');
    for (const [thrown, wanted] of [
      [full, full],
      [cause, expect.objectContaining({ code: 'queue_failed', cause })],
    ]) {
      for (const enqueue of [
        () => Promise.reject(thrown),
        () => {
          throw thrown;
        },
      ]) {
        const { registration, answer } = setUp({ enqueue });
        registration.routes.set(AFTER, queued(vi.fn()));
        await expect(answer()).rejects.toEqual(wanted);
      }
    }
  });

  it('runs before the answer where the process may end with it and take the event along', async () => {
    for (const [idle, background, enqueued] of [
      [async () => undefined, false, 0],
      [async () => undefined, true, 1],
      [undefined, false, 1],
    ] as const) {
      const handle = vi.fn();
      const { registration, calls, answer } = setUp({
        enqueue: () => undefined,
        ...(idle === undefined ? {} : { idle }),
      });
      registration.routes.set(AFTER, queued(handle));
      expect(await answer(5_000, background)).toEqual(OK);
      expect(calls.enqueue).toBe(enqueued);
      expect(handle).toHaveBeenCalledTimes(1 - enqueued);
    }
  });
});

describe('consume', () => {
  it('runs the route of that moment, else the default handler', async () => {
    const registration = new Registration();
    const handle = vi.fn();
    const fallback = vi.fn(() => undefined);
    registration.defaultHandler = fallback;
    registration.routes.set(AFTER, queued(handle));
    await consume(event, registration);
    registration.routes.delete(AFTER);
    await consume(event, registration);
    expect(handle.mock.calls).toEqual([[event]]);
    expect(fallback.mock.calls).toEqual([[event]]);
  });

  it('makes handler_failed of what a queued handler throws or rejects', async () => {
    const registration = new Registration();
    const cause = new Error('x');
    for (const handle of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ]) {
      registration.routes.set(AFTER, queued(handle));
      await expect(consume(event, registration)).rejects.toMatchObject({ code: 'handler_failed', cause });
    }
  });
});
