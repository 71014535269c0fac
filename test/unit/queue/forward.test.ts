import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { Breaker } from '../../../src/queue/breaker.js';
import { FORWARD_MS, forwarderTo, MAX_REFUSALS } from '../../../src/queue/forward.js';
import { LazyQueue } from '../../../src/queue/lazy.js';
import type { EventQueue } from '../../../src/queue/queue.js';
import { Recorder, sampleEvent } from '../../support/queue-events.js';
import { strangeQueue } from '../../support/strange-queue.js';

const failed = new CallbackError('queue_failed', { message: 'no answer' });
const full = new CallbackError('queue_full');
const event = sampleEvent('1');

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A forwarder to a queue with this `enqueue`; its back-off takes the whole time. */
async function forwarding(enqueue: EventQueue['enqueue']) {
  const owner = new Recorder();
  const breaker = new Breaker((problem) => owner.report(problem));
  const queue = new LazyQueue(strangeQueue({ enqueue }).queue, owner);
  await queue.ready();
  const forwarder = forwarderTo(queue, breaker, owner, () => 0.999_999);
  const gone = new AbortController();
  const run = { attempt: 1, signal: gone.signal };
  return { owner, breaker, forwarder, gone, forward: () => forwarder.consume(event, run) };
}

describe('an event is forwarded', () => {
  it('at once when the queue accepts it, which ends an outage', async () => {
    const enqueue = vi.fn(() => undefined);
    const { breaker, forward } = await forwarding(enqueue);
    breaker.hasFailed(failed);
    await forward();
    expect(enqueue).toHaveBeenCalledExactlyOnceWith(event, { timeoutMs: FORWARD_MS });
    expect(breaker).toMatchObject({ away: false, accepted: 1 });
  });

  it('after failures, however many, if others were accepted only before them', async () => {
    let tries = 0;
    const { breaker, forward } = await forwarding(async () => {
      tries += 1;
      if (tries === 1) breaker.hasAccepted();
      if (tries <= 2 * MAX_REFUSALS) throw failed;
    });
    const forwarded = forward();
    await vi.runAllTimersAsync();
    await forwarded;
    expect(tries).toBe(2 * MAX_REFUSALS + 1);
  });

  it('after failures, however many, while nothing else is accepted either, with growing pauses', async () => {
    const times: number[] = [];
    const failures = 5 * MAX_REFUSALS;
    const { breaker, forward } = await forwarding(async () => {
      times.push(performance.now());
      if (times.length <= failures) throw failed;
    });
    const forwarded = forward();
    await vi.runAllTimersAsync();
    await forwarded;
    expect(breaker.away).toBe(false);
    const pauses = times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
    expect(pauses.slice(0, 6)).toEqual([200, 400, 800, 1_600, 3_200, 5_000]);
    expect(new Set(pauses.slice(6))).toEqual(new Set([5_000]));
  });

  it('after every refusal of a queue that is full, though that accepts others', async () => {
    let tries = 0;
    const { breaker, forward } = await forwarding(async () => {
      breaker.hasAccepted();
      tries += 1;
      if (tries <= 3 * MAX_REFUSALS) throw full;
    });
    const forwarded = forward();
    await vi.runAllTimersAsync();
    await forwarded;
    expect(tries).toBe(3 * MAX_REFUSALS + 1);
  });

  it('again when the queue gave no answer, but not soon: the answer may be on its way', async () => {
    const times: number[] = [];
    const { forward } = await forwarding(() => {
      times.push(performance.now());
      return times.length === 1 ? new Promise<void>(() => undefined) : undefined;
    });
    const forwarded = forward();
    await vi.runAllTimersAsync();
    await forwarded;
    const [first = 0, second = 0] = times;
    expect(Math.round(second - first)).toBe(FORWARD_MS + 200);
  });
});

describe('an event is given back to its queue', () => {
  it('when it is refused again and again while others are accepted', async () => {
    let tries = 0;
    const { breaker, forward } = await forwarding(async () => {
      tries += 1;
      breaker.hasAccepted();
      throw failed;
    });
    const refused = expect(forward()).rejects.toMatchObject({
      code: 'queue_failed',
      message: 'queue_failed: the queue accepts other events but not this one',
      cause: failed,
    });
    await vi.runAllTimersAsync();
    await refused;
    expect(tries).toBe(MAX_REFUSALS);
  });

  it('when its signal aborts while the queue is asked', async () => {
    const { gone, forward } = await forwarding(() => new Promise<void>(() => undefined));
    const over = expect(forward()).rejects.toThrow('over');
    await vi.advanceTimersByTimeAsync(10);
    gone.abort(new Error('over'));
    await over;
  });

  it('when its signal aborts during a pause, and when that has happened before', async () => {
    const enqueue = vi.fn(() => Promise.reject(failed));
    const { gone, forward } = await forwarding(enqueue);
    const over = expect(forward()).rejects.toThrow('over');
    await vi.advanceTimersByTimeAsync(10);
    expect(enqueue).toHaveBeenCalledTimes(1);
    gone.abort(new Error('over'));
    await over;
    await expect(forward()).rejects.toThrow('over');
  });
});

it('What is stored is read, and problems are told, as the receiver does it.', async () => {
  const { owner, forwarder } = await forwarding(() => undefined);
  expect(forwarder.decode({ Id: '7' }).id).toBe('7');
  forwarder.report({ kind: 'store', error: failed });
  expect(owner.told).toEqual(['store undefined']);
});
