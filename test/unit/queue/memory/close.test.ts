/** How the memory queue ends. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
import type { MemoryQueueOptions } from '../../../../src/queue/memory/options.js';
import type { Attempt, CloseResult } from '../../../../src/queue/queue.js';
import { Gates, idsOf, Recorder, sampleEvent, sampleEvents, settled } from '../../../support/queue-events.js';

const signals = new Map<string, AbortSignal>();

function bench(options: MemoryQueueOptions = {}) {
  const gates = new Gates();
  const consumer = new Recorder((event, attempt: Attempt) => {
    signals.set(event.id, attempt.signal);
    return gates.handle(event, attempt);
  });
  const queue = memoryQueue({ workers: 2, capacity: 10, assist: false, ...options });
  queue.start(consumer);
  return { gates, consumer, queue };
}

const coded = (code: string) => expect.objectContaining({ name: 'CallbackError', code });
const retrying = { attempts: 2, backoff: { initialMs: 1000 }, random: () => 0.5 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  signals.clear();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('close', () => {
  it('waits until everything that was accepted is done', async () => {
    const { queue, gates, consumer } = bench();
    for (const event of sampleEvents(3)) queue.enqueue(event);
    await settled();
    await gates.open('0');
    const result = vi.fn<(result: CloseResult) => void>();
    queue.close().then(result);
    await gates.open('1');
    expect(result).not.toHaveBeenCalled();
    await gates.fail('2');
    expect(result.mock.calls).toEqual([[{ drained: 2, remaining: [], timedOut: false }]]);
    expect(consumer.completed).toEqual(['0', '1']);
    expect(vi.getTimerCount()).toBe(0);
    expect([...signals.values()].some((signal) => signal.aborted)).toBe(false);
  });

  it.each([undefined, 0])('resolves at once when nothing is left, with %s ms', async (timeoutMs) => {
    const { queue, gates } = bench();
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.open('a');
    expect(await queue.close(timeoutMs === undefined ? {} : { timeoutMs })).toEqual({
      drained: 0,
      remaining: [],
      timedOut: false,
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('hands back what is not done at its deadline, in the order of acceptance, and aborts what runs', async () => {
    const { queue, gates } = bench(retrying);
    for (const id of ['retry', 'running', 'ready', 'listed', 'last']) queue.enqueue(sampleEvent(id));
    await settled();
    await gates.fail('retry');
    const closed = queue.close({ timeoutMs: 400 });
    vi.advanceTimersByTime(399);
    await settled();
    expect(signals.get('running')?.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    const { drained, remaining, timedOut } = await closed;
    expect(idsOf(remaining)).toEqual(['retry', 'running', 'ready', 'listed', 'last']);
    expect({ drained, timedOut }).toEqual({ drained: 0, timedOut: true });
    expect(signals.get('running')?.aborted).toBe(true);
    expect(signals.get('running')?.reason).toEqual(coded('closing'));
    expect(signals.get('retry')?.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    expect(queue.stats()).toMatchObject({ queued: 0, active: 2, oldestAgeMs: 0 });
  });

  it('waits for retries that come in time', async () => {
    const { queue, gates, consumer } = bench(retrying);
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a');
    const closed = queue.close({ timeoutMs: 600 });
    vi.advanceTimersByTime(500);
    await settled();
    await gates.open('a');
    expect(await closed).toEqual({ drained: 1, remaining: [], timedOut: false });
    expect(consumer.begun).toEqual(['a', 'a']);
  });

  it.each([
    ['by default', {}],
    ['instead of NaN', { timeoutMs: Number.NaN }],
    ['instead of a negative number', { timeoutMs: -1 }],
  ])('has 10 s %s', async (_, options) => {
    const { queue } = bench();
    queue.enqueue(sampleEvent('a'));
    const closed = vi.fn();
    queue.close(options).then(closed);
    vi.advanceTimersByTime(9999);
    await settled();
    expect(closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    await settled();
    expect(closed).toHaveBeenCalledOnce();
  });

  it('keeps the process alive until it resolves', async () => {
    vi.useRealTimers();
    const { queue, gates } = bench();
    queue.enqueue(sampleEvent('a'));
    await settled();
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    const closed = queue.close();
    const timer: unknown = timeout.mock.results[0]?.value;
    timeout.mockRestore();
    expect((timer as NodeJS.Timeout).hasRef()).toBe(true);
    await gates.open('a');
    expect(await closed).toMatchObject({ drained: 1 });
  });

  it('gives the second caller the promise of the first', async () => {
    const { queue } = bench();
    queue.enqueue(sampleEvent('a'));
    const first = queue.close({ timeoutMs: 10 });
    expect(queue.close({ timeoutMs: 5000 })).toBe(first);
    vi.advanceTimersByTime(10);
    expect((await first).timedOut).toBe(true);
    expect(queue.close()).toBe(first);
  });

  it('refuses events from its beginning', async () => {
    const { queue, gates } = bench();
    queue.enqueue(sampleEvent('a'));
    await settled();
    const closed = queue.close();
    expect(() => queue.enqueue(sampleEvent('b'))).toThrow(coded('closing'));
    await gates.open('a');
    await closed;
    expect(() => queue.enqueue(sampleEvent('c'))).toThrow(coded('closing'));
    expect(queue.stats()).toMatchObject({ accepted: 1, rejected: 2 });
  });

  it('ends idle assist workers', async () => {
    const { queue, gates } = bench({ workers: 1, capacity: 0, assist: { max: 1 } });
    for (const event of sampleEvents(2)) queue.enqueue(event);
    await settled();
    await gates.open('0', '1');
    expect(queue.stats().assist).toBe(1);
    await queue.close();
    expect(queue.stats()).toMatchObject({ workers: 1, assist: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['time', 100, false],
    ['no time', 0, true],
  ])('may be called from a report with %s, and hands back nothing that is dead', async (_, ms, timedOut) => {
    const { queue, gates, consumer } = bench();
    let closed: Promise<CloseResult> | undefined;
    consumer.report = () => {
      closed = queue.close({ timeoutMs: ms });
    };
    queue.enqueue(sampleEvent('a'));
    await settled();
    await gates.fail('a');
    expect(await closed).toEqual({ drained: 0, remaining: [], timedOut });
  });
});

describe('close before start', () => {
  it('hands everything back at once', async () => {
    const queue = memoryQueue();
    for (const event of sampleEvents(2)) queue.enqueue(event);
    const { drained, remaining, timedOut } = await queue.close();
    expect(idsOf(remaining)).toEqual(['0', '1']);
    expect({ drained, timedOut }).toEqual({ drained: 0, timedOut: false });
    expect(queue.stats()).toMatchObject({ queued: 0, active: 0 });
  });

  it('makes open fail and start do nothing', async () => {
    const queue = memoryQueue();
    queue.enqueue(sampleEvent('a'));
    const consumer = new Recorder();
    const closed = queue.close();
    await expect(queue.open()).rejects.toEqual(coded('closing'));
    queue.start(consumer);
    await closed;
    await settled();
    expect(consumer.begun).toEqual([]);
    expect(queue.stats().active).toBe(0);
  });
});
