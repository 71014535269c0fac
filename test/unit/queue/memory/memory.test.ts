/** The memory queue: bound, assist workers, figures, and waiting for room. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
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
    expect(queue.workers()).toEqual({ master: 16, assistActive: 0 });
    for (const event of events.slice(10_016)) queue.enqueue(event);
    await settled();
    expect(gates.waiting).toHaveLength(80);
    expect(queue.workers()).toEqual({ master: 16, assistActive: 64 });
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
    expect(queue.workers()).toEqual({ master: 1, assistActive: 1 });
    vi.advanceTimersByTime(1);
    expect(queue.workers()).toEqual({ master: 1, assistActive: 0 });
  });

  it.each([
    ['false', false as const],
    ['max 0', { max: 0 }],
  ])('has no assist workers with %s', (_, assist) => {
    const { queue } = queueBench({ workers: 1, capacity: 1, assist });
    for (const event of sampleEvents(2)) queue.enqueue(event);
    expect(() => queue.enqueue(sampleEvent('surplus'))).toThrow(coded('queue_full'));
    expect(queue.workers().assistActive).toBe(0);
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

  it('refuses an event for whose answer nobody waits any more, though there is room', () => {
    const { queue } = queueBench();
    expect(() => queue.enqueue(sampleEvent('a'), { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'queue_failed', message: expect.stringContaining('nobody waits') }),
    );
    expect(queue.enqueue(sampleEvent('b'), { signal: new AbortController().signal })).toBeUndefined();
    expect(queue.stats()).toMatchObject({ accepted: 1, rejected: 1 });
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

  it('tell the age of the oldest event that is not done, also while it runs', async () => {
    let now = 1000;
    const { queue, gates } = queueBench({ ...SMALL, now: () => now });
    queue.enqueue(sampleEvent('a', {}, 400));
    queue.enqueue(sampleEvent('b', {}, 900));
    await settled();
    expect(queue.stats().oldestAgeMs).toBe(600);
    await gates.open('a');
    now = 1250;
    expect(queue.stats().oldestAgeMs).toBe(350);
    await gates.open('b');
    expect(queue.stats().oldestAgeMs).toBe(0);
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

describe('waiting for room', () => {
  const waiting = { ...SMALL, overflow: 'wait' } as const;

  function full() {
    const started = queueBench(waiting);
    for (const event of sampleEvents(2)) started.queue.enqueue(event);
    return started;
  }

  it('resolves in the order of asking as places become free', async () => {
    const { queue, gates, consumer } = full();
    const resolved: string[] = [];
    for (const id of ['c', 'd'])
      Promise.resolve(queue.enqueue(sampleEvent(id))).then(() => resolved.push(id));
    await settled();
    expect(resolved).toEqual([]);
    expect(queue.stats()).toMatchObject({ accepted: 2, queued: 1 });
    await gates.open('0');
    expect(resolved).toEqual(['c']);
    await gates.open('1');
    expect(resolved).toEqual(['c', 'd']);
    await gates.open('c');
    expect(consumer.begun).toEqual(['0', '1', 'c', 'd']);
    expect(queue.stats()).toMatchObject({ accepted: 4, rejected: 0 });
  });

  it('is over after timeoutMs with queue_full, and the event never runs', async () => {
    const { queue, gates, consumer } = full();
    const outcome = vi.fn();
    Promise.resolve(queue.enqueue(sampleEvent('late'), { timeoutMs: 50 })).catch(outcome);
    vi.advanceTimersByTime(49);
    await settled();
    expect(outcome).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    await settled();
    expect(outcome).toHaveBeenCalledWith(coded('queue_full'));
    await gates.open('0');
    await gates.open('1');
    expect(consumer.begun).toEqual(['0', '1']);
    expect(queue.stats()).toMatchObject({ accepted: 2, rejected: 1 });
  });

  it('is over when the signal aborts', async () => {
    const { queue } = full();
    const controller = new AbortController();
    const waiter = queue.enqueue(sampleEvent('late'), { signal: controller.signal, timeoutMs: 50 });
    controller.abort();
    await expect(waiter).rejects.toEqual(coded('queue_full'));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over at once with closing when the queue is closed', async () => {
    const { queue, gates } = full();
    const waiter = queue.enqueue(sampleEvent('late'), { timeoutMs: 5000 });
    const closed = queue.close();
    await expect(waiter).rejects.toEqual(coded('closing'));
    await settled();
    await gates.open('0');
    await gates.open('1');
    expect(await closed).toEqual({ drained: 2, remaining: [], timedOut: false });
    expect(queue.stats().rejected).toBe(1);
  });

  it('is not needed where there is room, so that timeoutMs may be 0', () => {
    const { queue } = queueBench(waiting);
    expect(queue.enqueue(sampleEvent('a'), { timeoutMs: 0 })).toBeUndefined();
  });
});
