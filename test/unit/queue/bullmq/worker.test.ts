/** Workers in processes of their own, on a real Redis. */

import type { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import {
  type BullmqWorker,
  type BullmqWorkerOptions,
  bullmqQueue,
  createWorker,
} from '../../../../src/bullmq.js';
import { CallbackHandler, queued } from '../../../../src/core.js';
import type { EventConsumer } from '../../../../src/queue/queue.js';
import { clear, freshPlace, type Place, queueAt } from '../../../support/bullmq-place.js';
import { type Handle, Recorder, sampleEvent } from '../../../support/queue-events.js';
import { baseOptions } from '../../../support/requests.js';

const PATIENCE = { timeout: 15_000, interval: 5 };

describe.skipIf(inject('redisUrl') === '')('createWorker', () => {
  let place: Place;
  /** BullMQ's own view. */
  let own: Queue;
  let workers: BullmqWorker[];

  beforeEach(() => {
    place = freshPlace();
    own = queueAt(place);
    workers = [];
  });

  afterEach(async () => {
    for (const worker of workers) await worker.close({ timeoutMs: 0 });
    await clear(own);
  });

  function work(
    handler: EventConsumer | CallbackHandler,
    options: Partial<BullmqWorkerOptions> = {},
  ): BullmqWorker {
    const worker = createWorker(handler, { ...place, ...options });
    workers.push(worker);
    return worker;
  }

  async function enqueue(...ids: string[]): Promise<void> {
    const queue = bullmqQueue({ ...place, worker: false });
    await queue.open();
    for (const id of ids) await queue.enqueue(sampleEvent(id));
    await queue.close();
  }

  it('runs the handlers of a receiver for what others have enqueued', async () => {
    await enqueue('a');
    const handle = vi.fn();
    const im = new CallbackHandler({ ...baseOptions, invalidBody: 'accept' });
    im.register('Group.CallbackAfterSendMsg', queued(handle));
    const worker = work(im);
    await worker.ready();
    await vi.waitFor(() => expect(handle).toHaveBeenCalledOnce(), PATIENCE);
    expect(handle.mock.calls[0]?.[0]).toMatchObject({ id: 'a', attempt: 1, body: { GroupId: '@TGS#1' } });
    await vi.waitFor(
      () => expect(worker.stats()).toMatchObject({ completed: 1, workers: 16, queued: 0 }),
      PATIENCE,
    );
  });

  it('says that it cannot connect', async () => {
    const worker = work(new Recorder());
    const cause = new Error('refused');
    vi.spyOn(worker.worker, 'waitUntilReady').mockRejectedValue(cause);
    await expect(worker.ready()).rejects.toMatchObject({ code: 'queue_failed', cause });
  });

  it('takes nothing more in close, and lets what runs be done', async () => {
    await enqueue('a', 'b');
    let finish = (): void => undefined;
    const consumer = new Recorder(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const worker = work(consumer, { workers: 1 });
    await vi.waitFor(() => expect(consumer.begun).toEqual(['a']), PATIENCE);
    const closed = worker.close();
    expect(worker.close()).toBe(closed);
    finish();
    expect(await closed).toEqual({ drained: 1, remaining: [], timedOut: false });
    expect(consumer.completed).toEqual(['a']);
    expect(await own.getWaitingCount()).toBe(1);
  });

  it('puts back, at the end of its time, what stops when it is told to, and takes no attempt for it', async () => {
    await enqueue('a');
    const untilAborted: Handle = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const first = new Recorder(untilAborted);
    const worker = work(first);
    await vi.waitFor(() => expect(first.begun).toEqual(['a']), PATIENCE);
    expect(await worker.close({ timeoutMs: 2_000 })).toEqual({ drained: 0, remaining: [], timedOut: true });
    expect(first.problems).toEqual([]);
    const attempts: number[] = [];
    const second = new Recorder((_, { attempt }) => attempts.push(attempt));
    work(second);
    await vi.waitFor(() => expect(second.completed).toEqual(['a']), PATIENCE);
    expect(attempts).toEqual([2]);
  });

  it('leaves what does not stop to another worker', async () => {
    await enqueue('a');
    const first = new Recorder(() => new Promise(() => undefined));
    const workerOptions = { lockDuration: 500, stalledInterval: 300 };
    const worker = work(first, { workerOptions });
    await vi.waitFor(() => expect(first.begun).toEqual(['a']), PATIENCE);
    expect(await worker.close({ timeoutMs: 10 })).toMatchObject({ timedOut: true });
    const second = new Recorder();
    work(second, { workerOptions });
    await vi.waitFor(() => expect(second.completed).toEqual(['a']), PATIENCE);
  });

  it('reports an event as dead that BullMQ gives up because its worker died too often', async () => {
    await enqueue('a');
    const workerOptions = { lockDuration: 300, stalledInterval: 200, maxStalledCount: 0 };
    const first = new Recorder(() => new Promise(() => undefined));
    const worker = work(first, { workerOptions });
    await vi.waitFor(() => expect(first.begun).toEqual(['a']), PATIENCE);
    await worker.close({ timeoutMs: 0 });
    const onDead = vi.fn();
    const second = new Recorder();
    work(second, { workerOptions, onDead });
    await vi.waitFor(() => expect(second.told).toEqual(['dead a']), PATIENCE);
    expect(second.problems[0]?.error.message).toMatch(/stalled/);
    expect(onDead).toHaveBeenCalledOnce();
    expect(second.begun).toEqual([]);
  });

  it('is closed by "await using"', async () => {
    const worker = work(new Recorder());
    await worker[Symbol.asyncDispose]();
    expect(await worker.close()).toEqual({ drained: 0, remaining: [], timedOut: false });
  });
});
