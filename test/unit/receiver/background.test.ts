import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { CallbackError } from '../../../src/base/errors.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import { Background } from '../../../src/receiver/background.js';
import { Recorder, sampleEvent } from '../../support/queue-events.js';
import { strangeQueue } from '../../support/strange-queue.js';

const coded = (code: string) => expect.objectContaining({ code });
const deadlineOf = (durationMs = 5_000) => new Deadline(durationMs, () => undefined);

afterEach(() => {
  vi.useRealTimers();
});

describe('opening', () => {
  it('happens once, before the first event, and starts the consumer', async () => {
    const { queue, calls } = strangeQueue();
    const recorder = new Recorder();
    const background = new Background(queue, recorder);
    await Promise.all([
      background.ready(),
      background.enqueue(sampleEvent('1'), deadlineOf()),
      background.ready(),
    ]);
    await background.close({});
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
      enqueue: (event, bounds) => real.enqueue(event, bounds),
    });
    const recorder = new Recorder();
    const background = new Background(queue, recorder);
    await expect(background.ready()).rejects.toMatchObject({ code: 'queue_failed', cause });
    const deadline = deadlineOf();
    await expect(background.enqueue(sampleEvent('1'), deadline)).rejects.toMatchObject({ cause });
    expect(calls).toMatchObject({ open: 2, enqueue: 0, start: 0 });
    fails = false;
    await background.enqueue(sampleEvent('2'), deadline);
    await real.close();
    deadline.end();
    expect(recorder.completed).toEqual(['2']);
  });

  it('that fails with a coded error keeps it', async () => {
    const error = new CallbackError('queue_full');
    const { queue } = strangeQueue({ open: () => Promise.reject(error) });
    await expect(new Background(queue, new Recorder()).ready()).rejects.toBe(error);
  });

  it('does not happen any more once it closes', async () => {
    const { queue, calls } = strangeQueue({ open: () => Promise.reject(new Error('away')) });
    const background = new Background(queue, new Recorder());
    await expect(background.ready()).rejects.toEqual(coded('queue_failed'));
    await background.close({});
    await expect(background.ready()).rejects.toEqual(coded('closing'));
    await expect(background.enqueue(sampleEvent('1'), deadlineOf())).rejects.toEqual(coded('closing'));
    expect(calls).toMatchObject({ open: 1, enqueue: 0 });
  });

  it('that ends when it closes starts no consumer', async () => {
    let opened: (() => void) | undefined;
    const { queue, calls } = strangeQueue({
      open: () => new Promise((resolve) => (opened = () => resolve())),
    });
    const background = new Background(queue, new Recorder());
    const ready = background.ready();
    const closing = background.close({});
    opened?.();
    await ready;
    await closing;
    expect(calls).toMatchObject({ start: 0, close: 1 });
  });
});

describe('enqueue', () => {
  it('does not wait for a queue that accepts at once, and leaves no timer', async () => {
    vi.useFakeTimers();
    const { queue } = strangeQueue({ enqueue: () => undefined });
    const background = new Background(queue, new Recorder());
    await background.ready();
    await background.enqueue(sampleEvent('1'), deadlineOf());
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells the queue how much time is left', async () => {
    const enqueue = vi.fn(async () => undefined);
    const background = new Background(strangeQueue({ enqueue }).queue, new Recorder());
    await background.ready();
    vi.useFakeTimers();
    const deadline = deadlineOf(100);
    vi.advanceTimersByTime(30);
    await background.enqueue(sampleEvent('1'), deadline);
    expect(enqueue).toHaveBeenCalledWith(expect.anything(), { timeoutMs: 70 });
    deadline.end();
  });

  it.each<[string, object]>([
    ['opens', { open: () => new Promise<void>(() => undefined) }],
    ['accepts', { enqueue: () => new Promise<void>(() => undefined) }],
  ])('fails when the queue never %s within the deadline', async (_, changes) => {
    vi.useFakeTimers();
    const background = new Background(strangeQueue(changes).queue, new Recorder());
    const failed = expect(background.enqueue(sampleEvent('1'), deadlineOf(100))).rejects.toThrow(
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
      [full, coded('queue_full')],
      [cause, expect.objectContaining({ cause })],
    ]) {
      for (const enqueue of [
        () => Promise.reject(thrown),
        () => {
          throw thrown;
        },
      ]) {
        const background = new Background(strangeQueue({ enqueue }).queue, new Recorder());
        const deadline = deadlineOf();
        await expect(background.enqueue(sampleEvent('1'), deadline)).rejects.toEqual(wanted);
        deadline.end();
      }
    }
  });
});

describe('what is said of the queue', () => {
  it('is whether its events die with the process, and when none is left', async () => {
    const plain = new Background(strangeQueue().queue, new Recorder());
    expect(plain.isVolatile).toBe(false);
    await expect(plain.idle()).resolves.toBeUndefined();
    const idle = vi.fn(async () => undefined);
    const volatile = new Background(strangeQueue({ idle }).queue, new Recorder());
    expect(volatile.isVolatile).toBe(true);
    await volatile.idle();
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('is the two numbers of workers, and its figures', async () => {
    const background = new Background(memoryQueue({ workers: 3 }), new Recorder());
    await background.ready();
    expect(background.workers()).toEqual({ master: 3, assistActive: 0 });
    expect(background.stats()).toMatchObject({ workers: 3, queued: 0 });
    await background.close({});
  });
});

describe('a fallback', () => {
  it('takes what the queue does not accept within the deadline, and has figures of its own', async () => {
    vi.useFakeTimers();
    const { queue } = strangeQueue({ enqueue: () => new Promise<void>(() => undefined) });
    const recorder = new Recorder();
    const background = new Background(queue, recorder, memoryQueue());
    await background.ready();
    const deadline = deadlineOf(1_800);
    const accepted = background.enqueue(sampleEvent('1'), deadline);
    await vi.advanceTimersByTimeAsync(1_799);
    await accepted;
    deadline.end();
    expect(background.stats()).toMatchObject({ accepted: 0, fallback: { accepted: 1 } });
    expect(background.isVolatile).toBe(true);
    const closing = background.close({ timeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(1);
    expect(await closing).toMatchObject({ remaining: [{ id: '1' }], timedOut: true });
  });
});

describe('close', () => {
  it('closes the queue once, with the options of the first call', async () => {
    const close = vi.fn(async () => ({ drained: 1, remaining: [], timedOut: false }));
    const background = new Background(strangeQueue({ close }).queue, new Recorder());
    const first = background.close({ timeoutMs: 7 });
    expect(background.close({ timeoutMs: 8 })).toBe(first);
    expect(await first).toMatchObject({ drained: 1 });
    expect(close.mock.calls).toEqual([[{ timeoutMs: 7 }]]);
  });
});
