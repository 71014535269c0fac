/** The memory queue: bound, assist workers and figures. What becomes of events that it took is tested in run.test.ts. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
import { byConversation } from '../../../../src/queue/order.js';
import { coded, queueBench, SMALL } from '../../../support/queue-bench.js';
import { Recorder, sampleEvent, sampleEvents, settled } from '../../../support/queue-events.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('accepting', () => {
  it('returns nothing to wait for when there is room', async () => {
    const { queue, consumer } = queueBench({}, () => undefined);
    expect(queue.enqueue(sampleEvent('a'))).toBeUndefined();
    expect(consumer.begun).toEqual([]);
    await settled();
    expect(consumer.completed).toEqual(['a']);
  });

  it('has 16 workers, room for 10,000 events and 64 assist workers by default', async () => {
    const { queue, gates } = queueBench();
    const events = sampleEvents(10_080);
    for (const event of events.slice(0, 10_016)) queue.enqueue(event);
    await settled();
    expect(gates.waiting).toHaveLength(16);
    expect(queue.stats()).toMatchObject({ workers: 16, assist: 0 });
    for (const event of events.slice(10_016)) queue.enqueue(event);
    await settled();
    expect(gates.waiting).toHaveLength(80);
    expect(queue.stats()).toMatchObject({
      queued: 10_000,
      active: 80,
      workers: 16,
      assist: 64,
      accepted: 10_080,
    });
    expect(() => queue.enqueue(sampleEvent('surplus'))).toThrow(coded('queue_full'));
  });

  it('ends assist workers that were idle for 1 s by default', async () => {
    const { queue, gates } = queueBench({ workers: 1, capacity: 0 });
    for (const event of sampleEvents(2)) queue.enqueue(event);
    await settled();
    await gates.open('0', '1');
    vi.advanceTimersByTime(999);
    expect(queue.stats()).toMatchObject({ workers: 1, assist: 1 });
    vi.advanceTimersByTime(1);
    expect(queue.stats()).toMatchObject({ workers: 1, assist: 0 });
  });

  it.each([
    ['false', false as const],
    ['max 0', { max: 0 }],
  ])('has no assist workers with %s', (_, assist) => {
    const { queue } = queueBench({ workers: 1, capacity: 1, assist });
    for (const event of sampleEvents(2)) queue.enqueue(event);
    expect(() => queue.enqueue(sampleEvent('surplus'))).toThrow(coded('queue_full'));
    expect(queue.stats().assist).toBe(0);
  });

  it('counts what it refused and takes events again when there is room', async () => {
    const { queue, gates } = queueBench(SMALL);
    for (const event of sampleEvents(2)) queue.enqueue(event);
    expect(() => queue.enqueue(sampleEvent('surplus'))).toThrow(CallbackError);
    await settled();
    await gates.open('0');
    queue.enqueue(sampleEvent('later'));
    expect(queue.stats()).toMatchObject({ accepted: 3, rejected: 1, completed: 1, queued: 1, active: 1 });
  });

  it('accepts up to the bound before it is started and runs it in order then', async () => {
    const consumer = new Recorder();
    const queue = memoryQueue({ workers: 1, capacity: 3, assist: false });
    await queue.open();
    for (const event of sampleEvents(4)) queue.enqueue(event);
    expect(() => queue.enqueue(sampleEvent('surplus'))).toThrow(coded('queue_full'));
    await settled();
    expect(queue.stats()).toMatchObject({ queued: 4, active: 0 });
    queue.start(consumer);
    await settled();
    expect(consumer.begun).toEqual(['0', '1', '2', '3']);
  });

  it('serves one receiver only', () => {
    const { queue } = queueBench();
    expect(() => queue.start(new Recorder())).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        code: 'option_invalid',
        message: expect.stringContaining('already serves'),
      }),
    );
  });

  it('refuses an event whose key cannot be told', () => {
    const { queue } = queueBench({
      orderBy: () => {
        throw new Error('no key');
      },
    });
    expect(() => queue.enqueue(sampleEvent('a'))).toThrow(coded('queue_failed'));
    expect(queue.stats()).toMatchObject({ accepted: 0, rejected: 1, queued: 0 });
  });

  it('keeps events of one key in order', async () => {
    const { queue, gates } = queueBench({ orderBy: byConversation });
    for (const id of ['a', 'b']) queue.enqueue(sampleEvent(id, { GroupId: '@TGS#1' }));
    await settled();
    expect(gates.waiting).toEqual(['a']);
  });

  it('is idle when everything that it accepted is done', async () => {
    const { queue, gates } = queueBench();
    queue.enqueue(sampleEvent('a'));
    const idle = vi.fn();
    queue.idle().then(idle);
    await settled();
    expect(idle).not.toHaveBeenCalled();
    await gates.open('a');
    expect(idle).toHaveBeenCalledOnce();
  });
});

describe('figures', () => {
  it('are all 0 at first', () => {
    const { workers, ...others } = queueBench().queue.stats();
    expect(workers).toBe(16);
    expect(others).toEqual({
      queued: 0,
      active: 0,
      assist: 0,
      accepted: 0,
      completed: 0,
      failed: 0,
      retried: 0,
      rejected: 0,
      dead: 0,
      oldestAgeMs: 0,
    });
  });

  it('tell the age by the clock of the machine by default and never a negative one', () => {
    const { queue } = queueBench();
    queue.enqueue(sampleEvent('past', {}, Date.now() - 60_000));
    expect(queue.stats().oldestAgeMs).toBeGreaterThanOrEqual(60_000);
    const other = queueBench();
    other.queue.enqueue(sampleEvent('future', {}, Date.now() + 60_000));
    expect(other.queue.stats().oldestAgeMs).toBe(0);
  });
});
