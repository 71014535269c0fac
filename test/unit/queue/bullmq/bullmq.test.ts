/** What the BullMQ queue does beyond the contract of all queues, on a real Redis. */

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { type BullmqQueue, type BullmqQueueOptions, bullmqQueue } from '../../../../src/bullmq.js';
import { CallbackHandler, queued } from '../../../../src/core.js';
import { COUNT_AGE_MS } from '../../../../src/queue/bullmq/counts.js';
import { clear, freshPlace, type Place, queueAt } from '../../../support/bullmq-place.js';
import { type Handle, Recorder, sampleEvent } from '../../../support/queue-events.js';
import { baseOptions, callbackOf } from '../../../support/requests.js';

const PATIENCE = { timeout: 10_000, interval: 5 };

describe.skipIf(inject('redisUrl') === '')('bullmqQueue', () => {
  let place: Place;
  /** BullMQ's own view. */
  let own: Queue;
  let opened: { close(options: { timeoutMs: number }): Promise<unknown> }[];

  beforeEach(() => {
    place = freshPlace();
    own = queueAt(place);
    opened = [];
  });

  afterEach(async () => {
    for (const queue of opened) await queue.close({ timeoutMs: 0 });
    await clear(own);
  });

  async function open(options: Partial<BullmqQueueOptions> = {}): Promise<BullmqQueue> {
    const backoff = { initialMs: 1, maxMs: 1 };
    const queue = bullmqQueue(
      options.queue === undefined ? { ...place, backoff, ...options } : { backoff, ...options },
    );
    opened.push(queue);
    await queue.open();
    return queue;
  }

  async function started(
    handle?: Handle,
    options?: Partial<BullmqQueueOptions>,
  ): Promise<[BullmqQueue, Recorder]> {
    const queue = await open(options);
    const consumer = new Recorder(handle);
    queue.start(consumer);
    return [queue, consumer];
  }

  const fail: Handle = () => {
    throw new Error('disk full');
  };

  it('stores each event with an add of its own, which costs least on Redis', async () => {
    const queue = await open({ worker: false });
    const addBulk = vi.spyOn(queue.queue, 'addBulk');
    const ids = Array.from({ length: 60 }, (_, index) => `${index}`);
    await Promise.all(ids.map((id) => queue.enqueue(sampleEvent(id))));
    expect(addBulk).not.toHaveBeenCalled();
    expect(queue.stats()).toMatchObject({ accepted: 60, rejected: 0 });
    expect(await queue.queue.getJobCounts('waiting')).toEqual({ waiting: 60 });
  });

  it("stores with one call, in a queue of the user's own, what comes in one turn of the event loop", async () => {
    const queue = await open({ queue: own, worker: false });
    const addBulk = vi.spyOn(own, 'addBulk');
    const ids = ['a', 'b', 'c', 'a'];
    await Promise.all(ids.map((id) => queue.enqueue(sampleEvent(id))));
    expect(addBulk).toHaveBeenCalledOnce();
    expect(await own.getJobCounts('waiting')).toEqual({ waiting: 3 });
  });

  it('stores an event once, however often it is enqueued, also when it is done', async () => {
    const [queue, consumer] = await started();
    await Promise.all([queue.enqueue(sampleEvent('a')), queue.enqueue(sampleEvent('a'))]);
    await vi.waitFor(() => expect(queue.stats().completed).toBe(1), PATIENCE);
    await queue.enqueue(sampleEvent('a'));
    await queue.enqueue(sampleEvent('b'));
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a', 'b']), PATIENCE);
  });

  it('keeps dead events in the failed set with the reason, and gives them to onDead', async () => {
    const onDead = vi.fn();
    const [queue, consumer] = await started(fail, { attempts: 2, onDead });
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.told).toEqual(['retry a', 'dead a']), PATIENCE);
    expect(onDead).toHaveBeenCalledOnce();
    expect(onDead.mock.calls[0]?.[0]).toMatchObject({ id: 'a' });
    expect(onDead.mock.calls[0]?.[1]).toMatchObject({ code: 'handler_failed' });
    const [failed] = await own.getFailed();
    expect(failed?.id).toBe('event-a');
    expect(failed?.failedReason).toMatch(/^handler_failed: .*disk full/);
    expect(failed?.stacktrace?.[0]).toContain('disk full');
  });

  it('runs a dead event again when BullMQ is told to', async () => {
    let broken = true;
    const [queue, consumer] = await started(() => {
      if (broken) throw 'no error object';
    });
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.told).toEqual(['dead a']), PATIENCE);
    broken = false;
    const [failed] = await own.getFailed();
    await failed?.retry();
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a']), PATIENCE);
  });

  it('reports an onDead that fails', async () => {
    const onDead = async () => {
      throw new Error('onDead is broken');
    };
    const [queue, consumer] = await started(fail, { onDead });
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.told).toEqual(['dead a', 'store a']), PATIENCE);
  });

  it('keeps what is no event in the failed set, without a second run', async () => {
    await own.add('no event', { no: 'event' }, { attempts: 5 });
    const [, consumer] = await started();
    await vi.waitFor(() => expect(consumer.problems).toHaveLength(1), PATIENCE);
    expect(consumer.problems[0]).toMatchObject({ kind: 'invalid', error: { code: 'body_not_json' } });
    expect(await own.getJobCounts('failed', 'waiting', 'delayed')).toEqual({
      failed: 1,
      waiting: 0,
      delayed: 0,
    });
  });

  it('keeps no more of what is over than it is told to', async () => {
    const [queue] = await started(undefined, { removeOnComplete: { count: 2 } });
    for (const id of ['a', 'b', 'c', 'd']) await queue.enqueue(sampleEvent(id));
    await vi.waitFor(() => expect(queue.stats().completed).toBe(4), PATIENCE);
    expect(await own.getCompletedCount()).toBe(2);
  });

  it('refuses an event whose id is no text', async () => {
    const queue = await open({ worker: false });
    await expect(queue.enqueue(sampleEvent('\ud800'))).rejects.toMatchObject({ code: 'queue_failed' });
  });

  it('tells how much lies in the queue, and for how long, also where no handler runs', async () => {
    let now = Date.now();
    const queue = await open({ worker: false, now: () => now });
    queue.start(new Recorder());
    await queue.enqueue(sampleEvent('a'));
    await queue.enqueue(sampleEvent('b'));
    await vi.waitFor(() => expect(queue.stats().queued).toBe(2), PATIENCE);
    now += 60_000;
    expect(queue.stats().oldestAgeMs).toBeGreaterThan(50_000);
    expect(queue.stats()).toMatchObject({ workers: 0, active: 0, completed: 0, assist: 0 });
    const count = vi.spyOn(queue.queue, 'getJobCounts');
    for (let look = 0; look < 50; look += 1) queue.stats();
    expect(count.mock.calls.length).toBeLessThanOrEqual(1);
    expect(COUNT_AGE_MS).toBe(1_000);
    await queue.close();
    expect(queue.stats()).toMatchObject({ queued: 0, oldestAgeMs: 0 });
  });

  it('survives a count that fails', async () => {
    const queue = await open({ worker: false });
    const count = vi.spyOn(queue.queue, 'getJobCounts').mockRejectedValue(new Error('away'));
    queue.stats();
    expect(count).toHaveBeenCalledOnce();
    await new Promise((resolve) => setImmediate(resolve));
    expect(queue.stats().queued).toBe(0);
  });

  it('serves one receiver only', async () => {
    const [queue] = await started();
    expect(() => queue.start(new Recorder())).toThrow(expect.objectContaining({ code: 'option_invalid' }));
  });

  it('runs nothing when it is closed before it is started, and cannot be opened again', async () => {
    const queue = await open();
    await queue.enqueue(sampleEvent('a'));
    await queue.close();
    const consumer = new Recorder();
    queue.start(consumer);
    await expect(queue.open()).rejects.toMatchObject({ code: 'closing' });
    expect(queue.stats()).toMatchObject({ active: 0, workers: 16 });
    expect(consumer.begun).toEqual([]);
  });

  it('leaves in the queue, in close, what it cannot work off in time', async () => {
    const slow: Handle = () => new Promise((resolve) => setTimeout(resolve, 40));
    const [queue, consumer] = await started(slow, { workers: 1 });
    for (let id = 0; id < 20; id += 1) await queue.enqueue(sampleEvent(String(id)));
    const { drained, timedOut } = await queue.close({ timeoutMs: 400 });
    expect(timedOut).toBe(true);
    expect(drained).toBe(consumer.completed.length);
    expect(consumer.completed).toEqual(consumer.begun);
    expect(await own.getWaitingCount()).toBe(20 - consumer.completed.length);
  });

  it('waits, in close, for what is being stored', async () => {
    const queue = await open({ worker: false });
    const enqueued = queue.enqueue(sampleEvent('a'));
    expect(await queue.close()).toEqual({ drained: 0, remaining: [], timedOut: false });
    await enqueued;
    expect(await own.getWaitingCount()).toBe(1);
  });

  it('takes a queue and a worker that the user makes, and leaves the queue open', async () => {
    const { connection, prefix } = place;
    const [queue, consumer] = await started(undefined, {
      queue: own,
      worker: (workerName, process, settings) =>
        new Worker(workerName, process, { ...settings, connection, prefix }),
    });
    expect(queue.queue).toBe(own);
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a']), PATIENCE);
    await queue.close();
    expect(own.listenerCount('error')).toBe(0);
    expect(await own.getCompletedCount()).toBe(1);
  });

  it('takes a client that exists already, and leaves it open', async () => {
    const client = new Redis(place.connection.url, { maxRetriesPerRequest: null });
    const [queue, consumer] = await started(undefined, { connection: client });
    await queue.enqueue(sampleEvent('a'));
    await vi.waitFor(() => expect(consumer.completed).toEqual(['a']), PATIENCE);
    await queue.close();
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  it('uses the usual keys of BullMQ unless a prefix is given', async () => {
    const { connection, name } = place;
    const queue = bullmqQueue({ connection, name });
    opened.push(queue);
    await queue.open();
    queue.start(new Recorder());
    await queue.enqueue(sampleEvent('a'));
    await queue.close();
    const usual = new Queue(name, { connection });
    expect(await usual.getCompletedCount()).toBe(1);
    await clear(usual);
  });

  it('answers a request when its event is stored, and runs its handler then', async () => {
    const handle = vi.fn();
    const im = new CallbackHandler({
      ...baseOptions,
      queue: bullmqQueue(place),
      handlers: { 'Group.CallbackAfterSendMsg': queued(handle) },
    });
    opened.push(im);
    const body = {
      CallbackCommand: 'Group.CallbackAfterSendMsg',
      GroupId: '@TGS#1',
      From_Account: 'mika',
      MsgBody: [],
    };
    const { status } = await im.receive(await callbackOf('Group.CallbackAfterSendMsg', body));
    expect(status).toBe(200);
    await vi.waitFor(() => expect(handle).toHaveBeenCalledOnce(), PATIENCE);
    expect(handle.mock.calls[0]?.[0]).toMatchObject({
      command: 'Group.CallbackAfterSendMsg',
      body,
      attempt: 1,
    });
  });
});
