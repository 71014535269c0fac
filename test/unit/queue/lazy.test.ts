import { afterEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { boundsOf, CLOSE_GRACE_MS, LazyQueue, tooLate } from '../../../src/queue/lazy.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
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
    await expect(late).rejects.toThrow(tooLate().message);
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

const bounds = { leftMs: () => 5_000 };
const coded = (code: string) => expect.objectContaining({ code });

describe('opening', () => {
  it('happens once, before the first event, and starts the consumer', async () => {
    const { queue, calls } = strangeQueue();
    const recorder = new Recorder();
    const lazy = new LazyQueue(queue, recorder);
    await Promise.all([lazy.ready(), lazy.enqueue(sampleEvent('1'), bounds), lazy.ready()]);
    await lazy.close({});
    expect(recorder.completed).toEqual(['1']);
    expect(calls).toMatchObject({ open: 1, start: 1 });
  });

  it('that fails rejects with a coded error, and is tried again by the next who asks', async () => {
    const cause = new Error('away');
    let fails = true;
    const real = memoryQueue();
    const { queue, calls } = strangeQueue({
      open: async () => {
        if (fails) throw cause;
        await real.open();
      },
      start: (consumer) => real.start(consumer),
      enqueue: (event, options) => real.enqueue(event, options),
    });
    const recorder = new Recorder();
    const lazy = new LazyQueue(queue, recorder);
    await expect(lazy.ready()).rejects.toMatchObject({ code: 'queue_failed', cause });
    await expect(lazy.enqueue(sampleEvent('1'), bounds)).rejects.toMatchObject({ cause });
    expect(calls).toMatchObject({ open: 2, enqueue: 0, start: 0 });
    fails = false;
    await lazy.enqueue(sampleEvent('2'), bounds);
    await real.close();
    expect(recorder.completed).toEqual(['2']);
  });

  it('that fails with a coded error keeps it', async () => {
    const error = new CallbackError('queue_full');
    const { queue } = strangeQueue({ open: () => Promise.reject(error) });
    await expect(new LazyQueue(queue, new Recorder()).ready()).rejects.toBe(error);
  });

  it('does not happen any more once it closes', async () => {
    const { queue, calls } = strangeQueue({ open: () => Promise.reject(new Error('away')) });
    const lazy = new LazyQueue(queue, new Recorder());
    await expect(lazy.ready()).rejects.toEqual(coded('queue_failed'));
    await lazy.close({});
    await expect(lazy.ready()).rejects.toEqual(coded('closing'));
    await expect(lazy.enqueue(sampleEvent('1'), bounds)).rejects.toEqual(coded('closing'));
    expect(calls).toMatchObject({ open: 1, enqueue: 0 });
  });

  it('that ends when it closes starts no consumer', async () => {
    const { queue, calls, opened } = slowlyOpened();
    const lazy = new LazyQueue(queue, new Recorder());
    const ready = lazy.ready();
    const closing = lazy.close({});
    opened();
    await ready;
    await closing;
    expect(calls).toMatchObject({ start: 0, close: 1 });
  });
});

describe('what is said of the queue', () => {
  it('is whether its events die with the process, and when none is left', async () => {
    const plain = new LazyQueue(strangeQueue().queue, new Recorder());
    expect(plain.isVolatile).toBe(false);
    await expect(plain.idle()).resolves.toBeUndefined();
    const idle = vi.fn(async () => undefined);
    const volatile = new LazyQueue(strangeQueue({ idle }).queue, new Recorder());
    expect(volatile.isVolatile).toBe(true);
    await volatile.idle();
    expect(idle).toHaveBeenCalledTimes(1);
  });
});

describe('opening again', () => {
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
  it('closes the queue once, with the options of the first call', async () => {
    const close = vi.fn(async () => ({ drained: 1, remaining: [], timedOut: false }));
    const lazy = new LazyQueue(strangeQueue({ close }).queue, new Recorder());
    const first = lazy.close({ timeoutMs: 7 });
    expect(lazy.close({ timeoutMs: 8 })).toBe(first);
    expect(await first).toMatchObject({ drained: 1 });
    expect(close.mock.calls).toEqual([[{ timeoutMs: 7 }]]);
  });

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

it('The bounds of an event tell what is left of its time, never less than none.', () => {
  vi.useFakeTimers();
  const { leftMs } = boundsOf(10);
  expect(leftMs()).toBe(10);
  vi.advanceTimersByTime(4);
  expect(leftMs()).toBe(6);
  vi.advanceTimersByTime(7);
  expect(leftMs()).toBe(0);
});
