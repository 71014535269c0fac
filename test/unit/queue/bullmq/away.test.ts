/** The BullMQ tier while Redis is not there: every call ends in its time. */

import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import {
  type BullmqQueue,
  type BullmqQueueOptions,
  bullmqQueue,
  createWorker,
} from '../../../../src/bullmq.js';
import type { ProcessJob } from '../../../../src/queue/bullmq/store.js';
import { FakeWorker, HangingQueue } from '../../../support/fake-bullmq.js';
import { Recorder, sampleEvent } from '../../../support/queue-events.js';
import { RedisServer } from '../../../support/redis-server.js';

/** Milliseconds that a call took, and how it ended. */
async function timed(call: () => unknown): Promise<{ ms: number; end: string }> {
  const begin = performance.now();
  const end = await (async () => call())().then(
    () => 'done',
    (error: Error) => error.message,
  );
  return { ms: performance.now() - begin, end };
}

/** What is meant to take some hundred milliseconds takes no longer on any machine; without a bound it would be for ever. */
const MACHINE_MS = 15_000;
/** Nothing listens there. */
const nowhere = { host: '127.0.0.1', port: 1 };
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

describe('a BullMQ queue whose Redis was never there', () => {
  it('cannot be opened, refuses events, and is closed, each in its time', async () => {
    const queue = bullmqQueue({ connection: nowhere, timeoutMs: 150 });
    const opened = await timed(() => queue.open());
    expect(opened.end).toBe('queue_failed: the store of the jobs does not answer');
    expect(opened.ms).toBeLessThan(MACHINE_MS);
    const enqueued = await timed(() => queue.enqueue(sampleEvent('a'), { timeoutMs: 50 }));
    expect(enqueued.end).toBe('queue_failed: the event could not be stored in time');
    expect(enqueued.ms).toBeLessThan(MACHINE_MS);
    expect(queue.stats()).toMatchObject({ accepted: 0, rejected: 1 });
    const closed = await timed(() => queue.close({ timeoutMs: 100 }));
    expect(closed).toMatchObject({ end: 'done' });
    expect(closed.ms).toBeLessThan(MACHINE_MS);
  });

  it('can be closed while it is opening', async () => {
    const queue = bullmqQueue({ connection: nowhere, timeoutMs: 5_000 });
    const opened = timed(() => queue.open());
    await queue.close({ timeoutMs: 0 });
    expect((await opened).end).toMatch(/^closing/);
  });

  it('gives up in close what it is still trying to store', async () => {
    const queue = bullmqQueue({ connection: nowhere, timeoutMs: 5_000 });
    const enqueued = timed(() => queue.enqueue(sampleEvent('a')));
    expect(await queue.close({ timeoutMs: 50 })).toMatchObject({ timedOut: true });
    expect((await enqueued).end).toMatch(/^closing/);
  });

  it('has a worker that can be closed, too, and says once what is wrong', async () => {
    const consumer = new Recorder();
    const worker = createWorker(consumer, { connection: nowhere });
    await vi.waitFor(() => expect(consumer.problems.length).toBeGreaterThan(0));
    const closed = await timed(() => worker.close({ timeoutMs: 100 }));
    expect(closed.ms).toBeLessThan(MACHINE_MS);
    expect(consumer.problems.map(({ kind }) => kind)).toEqual(['store']);
  });
});

describe('close, of a queue and a worker whose store hangs', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const makeWorker = (_name: string, process: ProcessJob) => {
    const worker = new FakeWorker(process);
    worker.close.mockReturnValue(new Promise(() => undefined));
    return worker;
  };

  it.each([0, 100, 3_000])('takes the %i ms that it has, in all', async (timeoutMs) => {
    vi.useFakeTimers();
    const queue = bullmqQueue({ queue: new HangingQueue(), worker: makeWorker, timeoutMs: 60_000 });
    queue.start(new Recorder());
    const enqueued = timed(() => queue.enqueue(sampleEvent('a')));
    const worker = createWorker(new Recorder(), { worker: makeWorker });
    const closed = [queue, worker].map((one) => timed(() => one.close({ timeoutMs })));
    await vi.advanceTimersByTimeAsync(timeoutMs);
    expect(await Promise.all(closed)).toEqual(Array(2).fill({ ms: timeoutMs, end: 'done' }));
    expect((await enqueued).end).toMatch(/^closing/);
  });
});

describe.skipIf(inject('redisUrl') === '')('a BullMQ queue whose Redis goes away', () => {
  let redis: RedisServer;
  let queue: BullmqQueue;

  beforeEach(async () => {
    redis = await RedisServer.start({ durable: true });
  });

  afterEach(async () => {
    redis.thaw();
    await queue.close({ timeoutMs: 0 });
    await redis.end();
  });

  async function opened(options: Partial<BullmqQueueOptions> = {}): Promise<Recorder> {
    const consumer = new Recorder();
    queue = bullmqQueue({ connection: { url: redis.url }, timeoutMs: 5_000, ...options });
    await queue.open();
    queue.start(consumer);
    return consumer;
  }

  it('fails an enqueue in time while Redis is frozen, and stores the event once at the most', async () => {
    const consumer = await opened();
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a']));
    redis.freeze();
    const frozen = await timed(() => queue.enqueue(sampleEvent('b'), { timeoutMs: 300 }));
    expect(frozen.end).toMatch(/^queue_failed/);
    expect(frozen.ms).toBeLessThan(MACHINE_MS);
    redis.thaw();
    await vi.waitFor(() => queue.enqueue(sampleEvent('b')), { timeout: 5_000 });
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a', 'b']), { timeout: 10_000 });
    await queue.enqueue(sampleEvent('c'));
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a', 'b', 'c']), { timeout: 10_000 });
  });

  it('stores an event in the end when Redis comes back within its time', async () => {
    const consumer = await opened({ timeoutMs: 10_000 });
    await redis.kill();
    const enqueued = timed(() => queue.enqueue(sampleEvent('a')));
    await new Promise((resolve) => setTimeout(resolve, 250));
    await redis.start();
    expect((await enqueued).end).toBe('done');
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a']), { timeout: 10_000 });
  });

  it.each(['killed', 'frozen'])('is closed in its time while Redis is %s', async (how) => {
    await opened();
    if (how === 'killed') await redis.kill();
    else redis.freeze();
    const closed = await timed(() => queue.close({ timeoutMs: 200 }));
    expect(closed.end).toBe('done');
    expect(closed.ms).toBeLessThan(MACHINE_MS);
  });

  it('does not wait for handlers in close that cannot go back, either', async () => {
    queue = bullmqQueue({ connection: { url: redis.url }, timeoutMs: 5_000 });
    const consumer = new Recorder(
      (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await queue.open();
    queue.start(consumer);
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.running).toBe(1));
    await redis.kill();
    const closed = await timed(() => queue.close({ timeoutMs: 200 }));
    expect(closed.ms).toBeLessThan(MACHINE_MS);
    await vi.waitFor(() => expect(consumer.running).toBe(0));
  });
});
