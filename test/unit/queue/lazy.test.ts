import { afterEach, describe, expect, it, vi } from 'vitest';
import { CallbackError, type CallbackErrorCode } from '../../../src/base/errors.js';
import { boundsOf, CLOSE_GRACE_MS, LazyQueue } from '../../../src/queue/lazy.js';
import type { EnqueueOptions } from '../../../src/queue/queue.js';
import { Recorder, sampleEvent, settled } from '../../support/queue-events.js';
import { strangeQueue } from '../../support/strange-queue.js';

afterEach(() => {
  vi.useRealTimers();
});

/** A queue whose opening ends when the test says so. */
function slowlyOpened() {
  let opened: () => void = () => undefined;
  const strange = strangeQueue({
    open: () =>
      new Promise((resolve) => {
        opened = resolve;
      }),
  });
  return { ...strange, opened: () => opened() };
}

describe('an event that comes before the queue is open', () => {
  it('opens it, and is accepted with the time that is left then', async () => {
    const enqueue = vi.fn(async (_event: unknown, _options?: EnqueueOptions) => undefined);
    const { queue, calls } = strangeQueue({ enqueue });
    const lazy = new LazyQueue(queue, new Recorder());
    const leftMs = vi.fn().mockReturnValueOnce(10).mockReturnValueOnce(7);
    await lazy.enqueue(sampleEvent('1'), { leftMs });
    expect(calls).toMatchObject({ open: 1, start: 1 });
    expect(enqueue.mock.calls[0]?.[1]).toEqual({ timeoutMs: 7 });
  });

  it('is not accepted once its time is over', async () => {
    const { queue, calls, opened } = slowlyOpened();
    let left = 10;
    const late = new LazyQueue(queue, new Recorder()).enqueue(sampleEvent('1'), { leftMs: () => left });
    left = 0;
    opened();
    await expect(late).rejects.toMatchObject({
      code: 'queue_failed',
      message: 'queue_failed: the queue did not accept the event in time',
    });
    expect(calls).toMatchObject({ open: 1, enqueue: 0 });
  });
});

describe('an event that comes when the queue is open', () => {
  it('is handed over at once, with the time that is left', async () => {
    const enqueue = vi.fn((_event: unknown, _options?: EnqueueOptions) => undefined);
    const lazy = new LazyQueue(strangeQueue({ enqueue }).queue, new Recorder());
    await lazy.ready();
    expect(lazy.enqueue(sampleEvent('1'), { leftMs: () => 5 })).toBeUndefined();
    expect(enqueue.mock.calls[0]?.[1]).toEqual({ timeoutMs: 5 });
  });
});

describe('opening', () => {
  it('is tried again after it failed', async () => {
    const failed = new Error('away');
    const open = vi.fn(async () => undefined).mockRejectedValueOnce(failed);
    const { queue, calls } = strangeQueue({ open });
    const lazy = new LazyQueue(queue, new Recorder());
    const [first, second] = [lazy.ready(), lazy.ready()];
    expect(second).toBe(first);
    await expect(first).rejects.toMatchObject({ code: 'queue_failed', cause: failed });
    await lazy.ready();
    expect(lazy.ready()).toBe(lazy.ready());
    expect(calls).toMatchObject({ open: 2, start: 1 });
  });

  it('starts nothing once the queue is closed, and is not tried then', async () => {
    const { queue, calls, opened } = slowlyOpened();
    const lazy = new LazyQueue(queue, new Recorder());
    const ready = lazy.ready();
    await lazy.close({});
    opened();
    await ready;
    expect(calls.start).toBe(0);
    const other = strangeQueue();
    const closed = new LazyQueue(other.queue, new Recorder());
    await closed.close({});
    await expect(closed.ready()).rejects.toMatchObject({ code: 'closing' });
    expect(other.calls.open).toBe(0);
  });
});

describe('close', () => {
  it.each([
    ['what it is given', { timeoutMs: 7 }, 7],
    ['10 s by default', {}, 10_000],
  ])('gives the queue %s, once, and its result', async (_, options, timeoutMs) => {
    const result = { drained: 3, remaining: [sampleEvent('1')], timedOut: false };
    const close = vi.fn(async () => result);
    const lazy = new LazyQueue(strangeQueue({ close }).queue, new Recorder());
    const closing = lazy.close(options);
    expect(lazy.close({ timeoutMs: 1 })).toBe(closing);
    expect(await closing).toBe(result);
    expect(close).toHaveBeenCalledExactlyOnceWith({ timeoutMs });
  });

  it('rejects as the queue does', async () => {
    const failed = new CallbackError('queue_failed');
    const { queue } = strangeQueue({ close: () => Promise.reject(failed) });
    await expect(new LazyQueue(queue, new Recorder()).close({})).rejects.toBe(failed);
  });

  it.each([
    [undefined, 100],
    [500, 500],
  ])(
    'with %s ms of patience leaves a queue behind that is not closed %d ms after',
    async (patienceMs, ms) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const { queue } = strangeQueue({ close: () => new Promise(() => undefined) });
      const consumer = new Recorder(({ id }) => {
        if (id === 'bad') throw new Error('broken');
      });
      const lazy = new LazyQueue(queue, consumer);
      await lazy.ready();
      const result = vi.fn();
      lazy.enqueue(sampleEvent('before'), boundsOf(10));
      lazy.enqueue(sampleEvent('bad'), boundsOf(10));
      await settled();
      lazy.close({ timeoutMs: 100 }, patienceMs).then(result);
      lazy.enqueue(sampleEvent('good'), boundsOf(10));
      lazy.enqueue(sampleEvent('bad'), boundsOf(10));
      await settled();
      vi.advanceTimersByTime(ms + CLOSE_GRACE_MS - 1);
      await settled();
      expect(result).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      await settled();
      expect(result).toHaveBeenCalledExactlyOnceWith({ drained: 2, remaining: [], timedOut: true });
    },
  );
});

describe('what is said of the queue', () => {
  it('is its figures, and that it forgets with the process when somebody may wait for its end', async () => {
    const idle = vi.fn(async () => undefined);
    const { queue } = strangeQueue({ idle });
    const lazy = new LazyQueue(queue, new Recorder());
    expect(lazy.isVolatile).toBe(true);
    await lazy.idle();
    expect(idle).toHaveBeenCalledOnce();
    expect(lazy.stats()).toEqual(queue.stats());
  });

  it('is that it is idle at any time when it keeps its events', async () => {
    const lazy = new LazyQueue(strangeQueue().queue, new Recorder());
    expect(lazy.isVolatile).toBe(false);
    await expect(lazy.idle()).resolves.toBeUndefined();
  });
});

it('The bounds of an event tell what is left of its time, never less than none.', () => {
  vi.useFakeTimers();
  const { leftMs } = boundsOf(10);
  expect(leftMs()).toBe(10);
  vi.advanceTimersByTime(4);
  expect(leftMs()).toBe(6);
  vi.advanceTimersByTime(7);
  expect(leftMs()).toBe(0);
});

describe('the health of a queue', () => {
  const bounds = { leftMs: () => 1_000 };

  it('goes from opening to open to closed', async () => {
    const lazy = new LazyQueue(strangeQueue().queue, new Recorder());
    expect(lazy.health()).toEqual({ queue: { state: 'opening', opened: false }, fallbackInUse: false });
    await lazy.ready();
    expect(lazy.health().queue).toEqual({ state: 'open', opened: true });
    await lazy.close({});
    expect(lazy.health().queue.state).toBe('closed');
  });

  it('is failing since it could not be opened, until it is', async () => {
    let away = true;
    const open = async () => {
      if (away) throw new Error('away');
    };
    const lazy = new LazyQueue(strangeQueue({ open }).queue, new Recorder());
    await expect(lazy.ready()).rejects.toThrow();
    expect(lazy.health().queue).toMatchObject({ state: 'failing', opened: false, since: expect.any(Date) });
    away = false;
    await lazy.ready();
    expect(lazy.health().queue).toEqual({ state: 'open', opened: true });
    await lazy.close({});
  });

  it.each([true, false])(
    'is failing since the first enqueue that failed, until one succeeds (waited for: %s)',
    async (isAsync) => {
      let failure: CallbackError | undefined;
      const enqueue = (): void | Promise<void> => {
        if (isAsync) return failure === undefined ? Promise.resolve() : Promise.reject(failure);
        if (failure !== undefined) throw failure;
      };
      const lazy = new LazyQueue(strangeQueue({ enqueue }).queue, new Recorder());
      await lazy.ready();
      const put = async (code?: CallbackErrorCode) => {
        failure = code === undefined ? undefined : new CallbackError(code);
        await (async () => lazy.enqueue(sampleEvent('1'), bounds))().catch(() => undefined);
        return lazy.health().queue;
      };
      for (const code of ['queue_full', 'closing', undefined] as const)
        expect(await put(code)).toMatchObject({ state: 'open' });
      const first = await put('queue_failed');
      expect(first).toMatchObject({
        state: 'failing',
        opened: true,
        reason: expect.stringContaining('queue_failed'),
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await put('queue_failed')).toEqual(first);
      expect(await put('queue_full')).toEqual(first);
      expect(await put()).toEqual({ state: 'open', opened: true });
      await lazy.close({});
    },
  );

  it('holds what the queue says of itself', async () => {
    const since = new Date(7);
    const details = { lost: 3 };
    const health = () => ({ failing: { reason: 'full', since }, details });
    const lazy = new LazyQueue(strangeQueue({ health }).queue, new Recorder());
    await lazy.ready();
    expect(lazy.health().queue).toEqual({ state: 'failing', opened: true, reason: 'full', since, details });
    await lazy.close({});
  });
});
