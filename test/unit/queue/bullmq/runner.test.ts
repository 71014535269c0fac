/** What a runner does with answers of BullMQ that a real Redis gives only by accident. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveWorkerOptions } from '../../../../src/queue/bullmq/options.js';
import { JobRunner, REST_MS } from '../../../../src/queue/bullmq/runner.js';
import type { RunningJob } from '../../../../src/queue/bullmq/store.js';
import { storeFailureTeller } from '../../../../src/queue/bullmq/store-failures.js';
import { Outcomes } from '../../../../src/queue/outcomes.js';
import { FakeWorker } from '../../../support/fake-bullmq.js';
import { type Handle, Recorder, sampleEvent } from '../../../support/queue-events.js';

function jobWith(data: unknown, more: Partial<RunningJob> = {}): RunningJob {
  return { id: 'event-a', data, attemptsStarted: 1, attemptsMade: 0, moveToWait: async () => 0, ...more };
}

const jobOfA = (more?: Partial<RunningJob>): RunningJob => jobWith(sampleEvent('a').toJSON(), more);

function setUp(handle?: Handle) {
  const made: FakeWorker[] = [];
  const options = resolveWorkerOptions({
    worker: (_name, process) => {
      const worker = new FakeWorker(process);
      made.push(worker);
      return worker;
    },
  });
  const outcomes = new Outcomes(undefined);
  const consumer = new Recorder(handle);
  outcomes.listen(consumer);
  const runner = new JobRunner(
    options,
    outcomes,
    storeFailureTeller(outcomes.tell, () => 0),
  );
  runner.start('name', consumer);
  const [worker] = made;
  if (worker === undefined) throw new Error('the runner made no worker');
  return { runner, worker, consumer, outcomes };
}

const untilAborted: Handle = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

afterEach(() => {
  vi.useRealTimers();
});

describe('JobRunner', () => {
  it('knows its worker only when it is started', async () => {
    const options = resolveWorkerOptions({ connection: {}, workers: 3 });
    const runner = new JobRunner(options, new Outcomes(undefined), () => undefined);
    expect(runner.worker).toBeUndefined();
    expect(runner.stats).toEqual({ workers: 3, active: 0 });
    expect(await runner.stop(() => 0)).toBe(false);
  });

  it('says nothing of a failed job that is gone', () => {
    const { outcomes, worker, consumer } = setUp();
    worker.emit('failed', undefined, new Error('stalled'));
    expect(consumer.problems).toEqual([]);
    expect(outcomes.failed).toBe(0);
  });

  it('reports a job that BullMQ gave up, and that holds no event, as invalid', () => {
    const { outcomes, worker, consumer } = setUp();
    worker.emit('failed', jobWith({ no: 'event' }), new Error('stalled'));
    expect(consumer.problems).toMatchObject([
      { kind: 'invalid', error: { message: 'handler_failed: stalled' } },
    ]);
    expect(outcomes).toMatchObject({ failed: 0, dead: 0 });
  });

  it('leaves a job that cannot be put back to BullMQ, which finds it stalled, and says so', async () => {
    const { runner, worker, consumer } = setUp(untilAborted);
    const moveToWait = async (): Promise<never> => {
      throw new Error('away');
    };
    const processed = worker.process(jobOfA({ moveToWait }), 'token');
    const expected = expect(processed).rejects.toMatchObject({ name: 'WaitingError' });
    await vi.waitFor(() => expect(runner.stats.active).toBe(1));
    expect(await runner.stop(() => 0)).toBe(true);
    await expected;
    expect(consumer.problems).toMatchObject([{ kind: 'store', error: { cause: new Error('away') } }]);
    expect(worker.close).toHaveBeenCalledWith(true);
  });

  it('rests when Redis is full, for BullMQ would ask it again at once', () => {
    vi.useFakeTimers();
    const { worker } = setUp();
    const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
    for (let time = 0; time < 3; time += 1) worker.emit('error', full);
    expect(worker.pause.mock.calls).toEqual([[true]]);
    vi.advanceTimersByTime(REST_MS - 1);
    expect(worker.resume).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(worker.resume).toHaveBeenCalledOnce();
    worker.emit('error', full);
    expect(worker.pause).toHaveBeenCalledTimes(2);
  });

  it('is woken when it is stopped while it rests, and rests no more then', async () => {
    const { runner, worker } = setUp();
    const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
    worker.emit('error', full);
    const stopped = runner.stop(() => 0);
    worker.emit('error', full);
    await stopped;
    expect(worker.resume).toHaveBeenCalledOnce();
    expect(worker.pause.mock.calls).toEqual([[true], []]);
    expect(worker.resume.mock.invocationCallOrder[0]).toBeLessThan(
      worker.pause.mock.invocationCallOrder[1] ?? 0,
    );
  });

  it('tells handlers to stop before the time is over, so that their jobs can go back', async () => {
    vi.useFakeTimers();
    const { runner, worker } = setUp(untilAborted);
    const moved = vi.fn(async () => performance.now());
    const processed = worker.process(jobOfA({ moveToWait: moved }), 'token').catch(() => undefined);
    const end = performance.now() + 3_000;
    const stopped = runner.stop(() => end - performance.now());
    await vi.advanceTimersByTimeAsync(2_499);
    expect(moved).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(moved).toHaveBeenCalledOnce();
    await processed;
    // The worker never says that it has paused.
    await vi.advanceTimersByTimeAsync(500);
    expect(await stopped).toBe(true);
    expect(performance.now()).toBe(end);
  });

  it('keeps the reason of a handler, but no name to which BullMQ would react', async () => {
    const reasons: unknown[] = [];
    class DelayedError extends Error {
      override readonly name = 'DelayedError';
    }
    const withoutStack = new Error('no stack');
    delete withoutStack.stack;
    for (const cause of [new DelayedError('not now'), 'a text', withoutStack]) {
      const { worker } = setUp(() => {
        throw cause;
      });
      await worker.process(jobOfA()).catch((reason: unknown) => reasons.push(reason));
    }
    expect(reasons).toMatchObject([
      { name: 'RunFailure', message: expect.stringContaining('DelayedError: not now') },
      { name: 'RunFailure', message: expect.stringContaining('a text') },
      { name: 'RunFailure', message: expect.stringContaining('no stack') },
    ]);
  });

  it('keeps a failure that has no reason as it is', async () => {
    const { worker } = setUp(() => {
      throw undefined;
    });
    await expect(worker.process(jobOfA())).rejects.toThrow(/^handler_failed: [^:]*$/);
  });

  it('tells a lock that ran out as the second run that follows, once, and not as a failure of the store', async () => {
    const { worker, consumer, outcomes } = setUp();
    await worker.process(jobOfA());
    for (let time = 0; time < 2; time += 1) {
      worker.emit('error', new Error('Missing lock for job event-a. moveToFinished'));
    }
    expect(consumer.problems).toMatchObject([
      { kind: 'retry', event: { id: 'a' }, attempt: 1, error: { code: 'queue_failed' } },
    ]);
    expect(consumer.problems[0]?.error.message).toMatch(/so it is handled again$/);
    expect(outcomes).toMatchObject({ completed: 0, failed: 0, retried: 0 });
  });

  it.each([
    'Lock mismatch for job event-a. Cmd moveToFinished from active',
    'could not renew lock for job event-a',
  ])('knows the other texts for it: %s', async (text) => {
    const { worker, consumer } = setUp();
    await worker.process(jobOfA());
    worker.emit('error', new Error(text));
    expect(consumer.told).toEqual(['retry a']);
  });

  it('says nothing of a lock once it is stored what became of the job, nor of one that it does not have', async () => {
    const { worker, consumer } = setUp();
    await worker.process(jobOfA());
    worker.emit('completed', jobOfA());
    const b = jobWith(sampleEvent('b').toJSON(), { id: 'event-b', finishedOn: 1 });
    await worker.process(b);
    worker.emit('failed', b, new Error('stalled'));
    for (const id of ['a', 'b', 'c']) {
      worker.emit('error', new Error(`could not renew lock for job event-${id}`));
    }
    expect(consumer.told).toEqual(['dead b']);
  });

  it('runs, and counts, a job that has no id', async () => {
    const { worker, consumer, outcomes } = setUp();
    const job = jobOfA({ id: undefined });
    await worker.process(job);
    worker.emit('completed', job);
    worker.emit('failed', job, new Error('broken'));
    expect(consumer.completed).toEqual(['a']);
    expect(outcomes).toMatchObject({ completed: 1, failed: 1 });
  });
});
