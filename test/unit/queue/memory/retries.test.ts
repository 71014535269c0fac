/** What the memory queue does when a handler fails. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
import type { MemoryQueueOptions } from '../../../../src/queue/memory/options.js';
import { coded, queueBench, SMALL } from '../../../support/queue-bench.js';
import { Recorder, sampleEvent, settled } from '../../../support/queue-events.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a run that fails', () => {
  const thrice: MemoryQueueOptions = {
    ...SMALL,
    attempts: 3,
    backoff: { initialMs: 100 },
    random: () => 0.5,
  };

  it('is dead at once by default', async () => {
    const error = new Error('broken');
    const { queue, gates, consumer } = queueBench();
    const event = sampleEvent('a');
    queue.enqueue(event);
    await settled();
    await gates.fail('a', error);
    expect(consumer.problems).toEqual([
      {
        kind: 'dead',
        attempt: 1,
        event,
        error: expect.objectContaining({ code: 'handler_failed', cause: error }),
      },
    ]);
    expect(queue.stats()).toMatchObject({
      failed: 1,
      dead: 1,
      retried: 0,
      completed: 0,
      active: 0,
      queued: 0,
    });
  });

  it('is repeated after the back-off until no attempt is left', async () => {
    const attempts: number[] = [];
    const { queue, consumer } = queueBench(thrice, (_, { attempt }) => {
      attempts.push(attempt);
      throw new Error('broken');
    });
    queue.enqueue(sampleEvent('a'));
    await settled();
    expect(queue.stats()).toMatchObject({ failed: 1, retried: 0, queued: 1, active: 0 });
    vi.advanceTimersByTime(49);
    await settled();
    expect(attempts).toEqual([1]);
    vi.advanceTimersByTime(1);
    await settled();
    expect(attempts).toEqual([1, 2]);
    vi.advanceTimersByTime(100);
    await settled();
    expect(attempts).toEqual([1, 2, 3]);
    expect(consumer.told).toEqual(['retry a', 'retry a', 'dead a']);
    expect(consumer.problems.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(queue.stats()).toMatchObject({ failed: 3, retried: 2, dead: 1, completed: 0, queued: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may end well the next time', async () => {
    const { queue, gates, consumer } = queueBench(thrice);
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a');
    vi.advanceTimersByTime(50);
    await settled();
    await gates.open('a');
    expect(consumer.told).toEqual(['retry a']);
    expect(queue.stats()).toMatchObject({ failed: 1, retried: 1, dead: 0, completed: 1 });
  });

  it('blocks no worker while it waits, but keeps its place', async () => {
    const { queue, gates } = queueBench(thrice);
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a');
    queue.enqueue(sampleEvent('b'));
    await settled();
    expect(gates.waiting).toEqual(['b']);
    expect(() => queue.enqueue(sampleEvent('c'))).toThrow(coded('queue_full'));
  });

  it('keeps the process alive until it is repeated', async () => {
    vi.useRealTimers();
    const { queue, gates } = queueBench({ ...thrice, backoff: { initialMs: 5000 } });
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a');
    const timer: unknown = timeout.mock.results[0]?.value;
    timeout.mockRestore();
    expect((timer as NodeJS.Timeout).hasRef()).toBe(true);
    await queue.close({ timeoutMs: 0 });
  });

  it('takes its waits from Math.random by default', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.25);
    const { queue, gates } = queueBench({ attempts: 2 });
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a');
    random.mockRestore();
    vi.advanceTimersByTime(249);
    await settled();
    expect(gates.waiting).toEqual([]);
    vi.advanceTimersByTime(1);
    await settled();
    expect(gates.waiting).toEqual(['a']);
  });

  it.each([
    [
      'throws before it is async',
      () => {
        throw new Error('sync');
      },
    ],
    ['rejects', () => Promise.reject(new Error('async'))],
    ['throws nothing', () => Promise.reject(undefined)],
  ])('harms no other event when the consumer %s', async (_, fail) => {
    const consumer = new Recorder();
    const consume = consumer.consume.bind(consumer);
    consumer.consume = (event, attempt) => (event.id === 'bad' ? fail() : consume(event, attempt));
    const queue = memoryQueue(SMALL);
    queue.start(consumer);
    queue.enqueue(sampleEvent('bad'));
    queue.enqueue(sampleEvent('good'));
    await settled();
    expect(consumer.completed).toEqual(['good']);
    expect(consumer.told).toEqual(['dead bad']);
    expect(consumer.problems[0]?.error.code).toBe('handler_failed');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('report broke');
      },
    ],
    ['rejects', () => Promise.reject(new Error('report broke'))],
  ])('harms nothing when report %s', async (_, report) => {
    const consumer = new Recorder((event) => {
      if (event.id === 'bad') throw new Error('broken');
    });
    consumer.report = report;
    const queue = memoryQueue({ ...SMALL, attempts: 2, random: () => 0 });
    queue.start(consumer);
    queue.enqueue(sampleEvent('bad'));
    queue.enqueue(sampleEvent('good'));
    await settled();
    vi.advanceTimersByTime(0);
    await settled();
    expect(consumer.begun).toEqual(['bad', 'good', 'bad']);
    expect(queue.stats()).toMatchObject({ completed: 1, dead: 1, queued: 0, active: 0 });
  });

  it('keeps a coded error as it is', async () => {
    const error = new CallbackError('handler_timeout');
    const { queue, gates, consumer } = queueBench();
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a', error);
    expect(consumer.problems[0]?.error).toBe(error);
  });
});

describe('a dead event', () => {
  it('is given to onDead once, after its last run', async () => {
    const onDead = vi.fn();
    const { queue, gates } = queueBench({ ...SMALL, attempts: 2, random: () => 0, onDead });
    const event = sampleEvent('a');
    queue.enqueue(event);
    await settled();
    await gates.fail('a');
    expect(onDead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(0);
    await settled();
    await gates.fail('a');
    expect(onDead.mock.calls).toEqual([[event, coded('handler_failed')]]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('is reported again, as not stored, when onDead %s', async (_, onDead) => {
    const { queue, gates, consumer } = queueBench({ ...SMALL, onDead });
    queue.enqueue(sampleEvent('a'));
    queue.enqueue(sampleEvent('b'));
    await settled();
    await gates.fail('a');
    expect(consumer.told).toEqual(['dead a', 'store a']);
    expect(consumer.problems[1]).toMatchObject({
      attempt: 1,
      error: { code: 'queue_failed', message: 'queue_failed: onDead failed', cause: new Error('disk full') },
    });
    await gates.open('b');
    expect(consumer.completed).toEqual(['b']);
  });
});
