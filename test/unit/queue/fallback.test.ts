import { afterEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { TRY_MS } from '../../../src/queue/breaker.js';
import { FallbackPair, OPEN_MS } from '../../../src/queue/fallback.js';
import { FORWARD_MS } from '../../../src/queue/forward.js';
import { CLOSE_GRACE_MS } from '../../../src/queue/lazy.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import type { EnqueueOptions, EventQueue } from '../../../src/queue/queue.js';
import { Recorder, sampleEvent, settled } from '../../support/queue-events.js';
import { strangeQueue } from '../../support/strange-queue.js';

const failed = new CallbackError('queue_failed', { message: 'no answer' });
const refuses = () => Promise.reject(failed);
const hangs = () => new Promise<never>(() => undefined);

/** Bounds of an event that begins now. */
function boundsOf(ms = 1_800) {
  const until = performance.now() + ms;
  return { leftMs: () => Math.max(0, until - performance.now()) };
}

/** Whether an enqueue is for a request: forwarding has more time. */
const isDirect = (options?: EnqueueOptions): boolean => Number(options?.timeoutMs) < FORWARD_MS / 2;

const event = sampleEvent('1');

interface Changes {
  readonly queue?: Partial<EventQueue>;
  readonly fallback?: Partial<EventQueue>;
}

/** Two queues that outlive the process as far as they say, and memory queues otherwise. */
function pairOf({ queue, fallback }: Changes = {}) {
  const consumer = new Recorder();
  const first = strangeQueue(queue);
  const second = strangeQueue(fallback);
  const pair = new FallbackPair(first.queue, second.queue, consumer);
  return { consumer, pair, calls: { queue: first.calls, fallback: second.calls } };
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('ready', () => {
  it('opens both', async () => {
    const { pair, calls } = pairOf();
    await pair.ready();
    expect(calls.queue).toMatchObject({ open: 1, start: 1 });
    expect(calls.fallback).toMatchObject({ open: 1, start: 1 });
  });

  it('rejects when the fallback cannot be opened; events go to the queue', async () => {
    const { pair, consumer, calls } = pairOf({ fallback: { open: refuses } });
    await expect(pair.ready()).rejects.toBe(failed);
    await pair.enqueue(sampleEvent('1'), boundsOf());
    await settled();
    expect(consumer.completed).toEqual(['1']);
    expect(calls.fallback).toMatchObject({ open: 1, enqueue: 0 });
  });

  it('resolves when only the queue cannot be opened; that is told once, and events come through later', async () => {
    vi.useFakeTimers();
    let away = true;
    const { pair, consumer, calls } = pairOf({ queue: { open: async () => (away ? refuses() : undefined) } });
    await pair.ready();
    await pair.ready();
    await pair.enqueue(sampleEvent('1'), boundsOf());
    expect(consumer.told).toEqual(['store undefined']);
    expect(pair.stats()).toMatchObject({ accepted: 0, fallback: { accepted: 1 } });
    away = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(consumer.completed).toEqual(['1']);
    expect(calls.queue.start).toBe(1);
    await pair.close({});
  });

  it('does not wait long for a queue whose opening hangs', async () => {
    vi.useFakeTimers();
    const { pair } = pairOf({ queue: { open: hangs } });
    const ready = pair.ready();
    await vi.advanceTimersByTimeAsync(OPEN_MS);
    await ready;
  });

  it('opens the queue again by itself, though no event comes, until it is closed', async () => {
    vi.useFakeTimers();
    const { pair, consumer, calls } = pairOf({ queue: { open: refuses } });
    await pair.ready();
    await vi.advanceTimersByTimeAsync(60_000);
    const { open } = calls.queue;
    expect(open).toBeGreaterThan(5);
    expect(open).toBeLessThan(20);
    expect(consumer.told).toEqual(['store undefined']);
    const closing = pair.close({});
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.queue.open).toBe(open);
  });

  it('of a queue that came later than its fallback lets the next event go there', async () => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    let away = true;
    const { pair } = pairOf({ queue: { open: async () => (away ? refuses() : undefined) } });
    await pair.ready();
    away = false;
    await vi.advanceTimersByTimeAsync(TRY_MS / 2);
    await pair.enqueue(sampleEvent('1'), boundsOf());
    expect(pair.stats()).toMatchObject({ accepted: 1, fallback: { accepted: 0 } });
  });

  it('does not tell of an opening that its own end has cut short', async () => {
    let fail = (_error: Error): void => undefined;
    const open = () => new Promise<void>((_, reject) => (fail = reject));
    const { pair, consumer } = pairOf({ queue: { open } });
    const ready = pair.ready();
    await settled();
    const closing = pair.close({});
    fail(failed);
    await Promise.all([ready, closing]);
    expect(consumer.told).toEqual([]);
  });
});

describe('an event', () => {
  it('goes to the queue alone, while that accepts', async () => {
    const { pair, calls, consumer } = pairOf();
    await pair.enqueue(sampleEvent('1'), boundsOf());
    await settled();
    expect(consumer.completed).toEqual(['1']);
    expect(calls.fallback.enqueue).toBe(0);
  });

  it('goes to the fallback when the queue fails it; so do the next ones, at once, and are forwarded', async () => {
    vi.useFakeTimers();
    const accepted: string[] = [];
    let away = true;
    const enqueue = vi.fn<EventQueue['enqueue']>(async ({ id }) => {
      if (away) throw failed;
      accepted.push(id);
    });
    const { pair, consumer } = pairOf({ queue: { enqueue } });
    await pair.ready();
    await pair.enqueue(sampleEvent('1'), boundsOf());
    await pair.enqueue(sampleEvent('2'), boundsOf());
    expect(enqueue.mock.calls.filter(([, options]) => isDirect(options))).toHaveLength(1);
    expect(pair.stats().fallback).toMatchObject({ accepted: 2, completed: 0 });
    expect(consumer.told).toEqual(['store undefined']);
    away = false;
    await vi.advanceTimersByTimeAsync(400);
    expect(accepted.sort()).toEqual(['1', '2']);
    expect(pair.stats().fallback).toMatchObject({ accepted: 2, completed: 2 });
    // Up again.
    await pair.enqueue(sampleEvent('3'), boundsOf());
    expect(pair.stats().fallback).toMatchObject({ accepted: 2 });
  });

  it('tries the queue first now and then while that is away', async () => {
    vi.useFakeTimers();
    const direct: string[] = [];
    const enqueue: EventQueue['enqueue'] = async ({ id }, options) => {
      if (isDirect(options)) direct.push(id);
      throw failed;
    };
    const { pair } = pairOf({ queue: { enqueue } });
    await pair.ready();
    for (const id of ['1', '2', '3', '4']) {
      await pair.enqueue(sampleEvent(id), boundsOf());
      await vi.advanceTimersByTimeAsync(TRY_MS / 2);
    }
    expect(direct).toEqual(['1', '3']);
  });

  it.each([
    [1_800, 1_200, 600],
    [600, 300, 300],
    [100, 50, 50],
  ])('with %d ms leaves the queue %d of them, and the fallback the other %d', async (ms, first, second) => {
    vi.useFakeTimers();
    const enqueue = vi.fn((_event: unknown, _options?: EnqueueOptions) => undefined);
    const { pair } = pairOf({ queue: { enqueue: hangs }, fallback: { enqueue } });
    await pair.ready();
    const begin = performance.now();
    const accepted = pair.enqueue(sampleEvent('1'), boundsOf(ms));
    await vi.advanceTimersByTimeAsync(ms);
    await accepted;
    expect(enqueue.mock.calls[0]?.[1]?.timeoutMs).toBeCloseTo(second, 0);
    expect(performance.now() - begin).toBeCloseTo(first + second, 0);
  });

  it('goes to the fallback when the queue is full, and the next one finds room again', async () => {
    let full = true;
    const real = memoryQueue();
    const { pair, consumer, calls } = pairOf({
      queue: {
        idle: () => real.idle(),
        open: () => real.open(),
        start: (given) => real.start(given),
        enqueue: (event, bounds) => {
          if (full) throw new CallbackError('queue_full');
          return real.enqueue(event, bounds);
        },
      },
    });
    await pair.enqueue(sampleEvent('1'), boundsOf());
    full = false;
    await pair.enqueue(sampleEvent('2'), boundsOf());
    await settled();
    expect([...consumer.completed].sort()).toEqual(['1', '2']);
    // The queue forgets with the process, so what the fallback has is handled from there.
    expect(calls.queue.enqueue).toBe(2);
    expect(pair.stats()).toMatchObject({ fallback: { completed: 1 } });
    await real.close();
  });

  it('is refused when neither accepts it, with both reasons', async () => {
    const cause = new Error('disk');
    const { pair } = pairOf({
      queue: { enqueue: refuses },
      fallback: {
        enqueue: () => {
          throw new CallbackError('queue_full', { cause });
        },
      },
    });
    const refused = await Promise.resolve(pair.enqueue(sampleEvent('1'), boundsOf())).catch((error) => error);
    expect(refused).toMatchObject({
      code: 'queue_full',
      message: 'queue_full: neither the queue nor its fallback accepted the event',
      cause: { errors: [failed, { code: 'queue_full', cause }] },
    });
  });

  it('goes to the fallback whatever the queue throws, which is told as a failure of the queue', async () => {
    const thrown = new Error('not coded');
    const enqueue = () => Promise.reject(thrown);
    const { pair, consumer } = pairOf({ queue: { enqueue, idle: async () => undefined } });
    await pair.enqueue(event, boundsOf());
    await settled();
    expect(consumer.completed).toEqual(['1']);
    expect(consumer.problems).toMatchObject([
      { kind: 'store', error: { code: 'queue_failed', cause: { code: 'queue_failed', cause: thrown } } },
    ]);
  });

  it('goes to the queue when that is away and the fallback fails', async () => {
    let away = true;
    const { pair, consumer, calls } = pairOf({
      queue: { enqueue: async (event) => (away ? refuses() : void consumer.completed.push(event.id)) },
      fallback: { enqueue: () => Promise.reject(new Error('disk')) },
    });
    await expect(pair.enqueue(sampleEvent('1'), boundsOf())).rejects.toMatchObject({ code: 'queue_failed' });
    away = false;
    await pair.enqueue(sampleEvent('2'), boundsOf());
    expect(calls.fallback.enqueue).toBe(2);
    // Which ends the outage.
    await pair.enqueue(sampleEvent('3'), boundsOf());
    expect(calls.fallback.enqueue).toBe(2);
    expect(consumer.completed).toEqual(['2', '3']);
  });

  it('is refused when its receiver closes', async () => {
    const { pair, consumer, calls } = pairOf();
    await pair.ready();
    await pair.close({});
    await expect(pair.enqueue(sampleEvent('1'), boundsOf())).rejects.toThrow(
      'closing: the receiver is shutting down',
    );
    expect(calls.fallback.enqueue).toBe(0);
    expect(consumer.told).toEqual([]);
  });
});

describe('what is said of both', () => {
  it.each([
    [true, false],
    [false, true],
    [false, false],
  ])('volatile if one is: %s, %s', (first, second) => {
    const idle = async () => undefined;
    const { pair } = pairOf({ queue: first ? { idle } : {}, fallback: second ? { idle } : {} });
    expect(pair.isVolatile).toBe(first || second);
  });

  it('idle when the fallback is, and then the queue', async () => {
    const steps: string[] = [];
    const { pair } = pairOf({
      queue: { idle: async () => void steps.push('queue') },
      fallback: { idle: async () => void steps.push('fallback') },
    });
    await pair.idle();
    expect(steps).toEqual(['fallback', 'queue']);
  });
});

describe('close', () => {
  const closing = (steps: [string, number | undefined][], name: string): Pick<EventQueue, 'close'> => ({
    close: async (options) => {
      steps.push([name, options?.timeoutMs]);
      if (name === 'fallback') await new Promise((resolve) => setTimeout(resolve, 400));
      return { drained: 2, remaining: [event], timedOut: name === 'fallback' };
    },
  });

  it('ends the forwarding first, and the queue with the time that is left, once', async () => {
    vi.useFakeTimers();
    const steps: [string, number | undefined][] = [];
    const { pair } = pairOf({ queue: closing(steps, 'queue'), fallback: closing(steps, 'fallback') });
    const first = pair.close({ timeoutMs: 1_000 });
    expect(pair.close({ timeoutMs: 5 })).toBe(first);
    await vi.advanceTimersByTimeAsync(400);
    // What was forwarded is not done by that.
    expect(await first).toEqual({ drained: 2, remaining: [event, event], timedOut: true });
    expect(steps).toEqual([
      ['fallback', 500],
      ['queue', 600],
    ]);
  });

  it('does not wait for a queue that is away', async () => {
    const steps: [string, number | undefined][] = [];
    const { pair } = pairOf({
      queue: { ...closing(steps, 'queue'), enqueue: refuses },
      fallback: closing(steps, 'fallback'),
    });
    await pair.enqueue(event, boundsOf());
    await pair.close({ timeoutMs: 1_000 });
    expect(steps[0]).toEqual(['fallback', 0]);
  });

  it('waits for one that is away where the fallback would lose what it has', async () => {
    let away = true;
    const queue = strangeQueue({ enqueue: async () => (away ? refuses() : undefined) });
    const pair = new FallbackPair(queue.queue, memoryQueue(), new Recorder());
    await pair.ready();
    await pair.enqueue(event, boundsOf());
    away = false;
    const closed = pair.close({ timeoutMs: 10_000 });
    expect(await closed).toEqual({ drained: 0, remaining: [], timedOut: false });
  });

  it('lets both be done at the same time where the fallback runs handlers itself', async () => {
    const steps: [string, number | undefined][] = [];
    const { pair } = pairOf({
      queue: { ...closing(steps, 'queue'), idle: async () => undefined },
      fallback: closing(steps, 'fallback'),
    });
    expect(await pair.close({ timeoutMs: 1_000 })).toMatchObject({ drained: 4, timedOut: true });
    expect(steps).toEqual([
      ['queue', 1_000],
      ['fallback', 1_000],
    ]);
  });

  it.each([
    ['both hang', { queue: { close: hangs }, fallback: { close: hangs } }],
    ['the queue hangs', { queue: { close: hangs } }],
    ['the fallback hangs', { fallback: { close: hangs } }],
    ['the queue hangs and is in memory', { queue: { close: hangs, idle: async () => undefined } }],
  ])('takes no longer than it may though %s', async (_, changes: Changes) => {
    for (const timeoutMs of [0, 1_000]) {
      vi.useFakeTimers();
      const { pair, calls } = pairOf(changes);
      const closed = pair.close({ timeoutMs });
      await vi.advanceTimersByTimeAsync(timeoutMs + CLOSE_GRACE_MS);
      expect(await closed).toEqual({ drained: 0, remaining: [], timedOut: true });
      expect([calls.queue.close, calls.fallback.close]).toEqual([1, 1]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('ends at once the forwarding to a queue that gives no answer', async () => {
    vi.useFakeTimers();
    let away = true;
    const enqueue = vi.fn<EventQueue['enqueue']>(() => (away ? refuses() : hangs()));
    const { pair } = pairOf({ queue: { enqueue } });
    await pair.ready();
    await pair.enqueue(event, boundsOf());
    away = false;
    await vi.advanceTimersByTimeAsync(400);
    expect(enqueue.mock.lastCall?.[1]).toEqual({ timeoutMs: FORWARD_MS });
    const closed = pair.close({ timeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(0);
    expect(await closed).toEqual({ drained: 0, remaining: [event], timedOut: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes the queue though the fallback cannot be closed', async () => {
    const { pair, calls } = pairOf({ fallback: { close: refuses } });
    await expect(pair.close({})).rejects.toBe(failed);
    expect(calls.queue.close).toBe(1);
  });
});

describe('health', () => {
  it('is that of both, and says when the fallback stands in', async () => {
    const { pair } = pairOf({ queue: { enqueue: refuses } });
    await pair.ready();
    const open = { state: 'open', opened: true };
    expect(pair.health()).toEqual({ queue: open, fallback: open, fallbackInUse: false });
    await pair.enqueue(event, boundsOf());
    expect(pair.health()).toEqual({
      queue: { state: 'failing', opened: true, since: expect.any(Date), reason: failed.message },
      fallback: open,
      fallbackInUse: true,
    });
    await pair.close({ timeoutMs: 50 });
  });
});
