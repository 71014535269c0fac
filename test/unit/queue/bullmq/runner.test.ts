/** What a runner does with answers of BullMQ that a real Redis gives only by accident. */

import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { resolveWorkerOptions } from '../../../../src/queue/bullmq/options.js';
import { Reports } from '../../../../src/queue/bullmq/reports.js';
import { JobRunner } from '../../../../src/queue/bullmq/runner.js';
import type { JobWorker, ProcessJob, RunningJob } from '../../../../src/queue/bullmq/store.js';
import { type Handle, Recorder, sampleEvent } from '../../../support/queue-events.js';

/** A worker whose jobs come from the test. */
class FakeWorker extends EventEmitter implements JobWorker {
  concurrency = 1;
  waitUntilReady = async (): Promise<void> => undefined;
  pause = (): Promise<void> => new Promise(() => undefined);
  close = vi.fn(async (): Promise<void> => undefined);

  constructor(readonly process: ProcessJob) {
    super();
  }

  getBackend = () => ({ reconnectBlocking: async (): Promise<void> => undefined });
}

function jobWith(data: unknown, more: Partial<RunningJob> = {}): RunningJob {
  return { data, attemptsStarted: 1, attemptsMade: 0, moveToWait: async () => 0, ...more };
}

function setUp(handle?: Handle): { runner: JobRunner; worker: FakeWorker; consumer: Recorder } {
  const made: FakeWorker[] = [];
  const { run } = resolveWorkerOptions({
    worker: (_name, process) => {
      const worker = new FakeWorker(process);
      made.push(worker);
      return worker;
    },
  });
  const reports = new Reports(() => 0);
  const consumer = new Recorder(handle);
  reports.listen(consumer);
  const runner = new JobRunner(run, reports);
  runner.start('name', consumer);
  const [worker] = made;
  if (worker === undefined) throw new Error('the runner made no worker');
  return { runner, worker, consumer };
}

const untilAborted: Handle = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('JobRunner', () => {
  it('knows its worker only when it is started', async () => {
    const { run } = resolveWorkerOptions({ connection: {}, concurrency: 3 });
    const runner = new JobRunner(run, new Reports(() => 0));
    expect(runner.worker).toBeUndefined();
    expect(runner.counts).toMatchObject({ workers: 3, active: 0 });
    expect(await runner.stop(() => 0)).toBe(false);
  });

  it('says nothing of a failed job that is gone', () => {
    const { runner, worker, consumer } = setUp();
    worker.emit('failed', undefined, new Error('stalled'));
    expect(consumer.problems).toEqual([]);
    expect(runner.counts.failed).toBe(0);
  });

  it('reports a job that BullMQ gave up, and that holds no event, as invalid', () => {
    const { runner, worker, consumer } = setUp();
    worker.emit('failed', jobWith({ no: 'event' }), new Error('stalled'));
    expect(consumer.problems).toMatchObject([
      { kind: 'invalid', error: { message: 'handler_failed: stalled' } },
    ]);
    expect(runner.counts).toMatchObject({ failed: 0, dead: 0 });
  });

  it('leaves a job that cannot be put back to BullMQ, which finds it stalled, and says so', async () => {
    const { runner, worker, consumer } = setUp(untilAborted);
    const moveToWait = async (): Promise<never> => {
      throw new Error('away');
    };
    const processed = worker.process(jobWith(sampleEvent('a').toJSON(), { moveToWait }), 'token');
    const expected = expect(processed).rejects.toMatchObject({ name: 'WaitingError' });
    await vi.waitFor(() => expect(runner.counts.active).toBe(1));
    expect(await runner.stop(() => 0)).toBe(true);
    await expected;
    expect(consumer.problems).toMatchObject([{ kind: 'store', error: { cause: new Error('away') } }]);
    expect(worker.close).toHaveBeenCalledWith(true);
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
      await worker
        .process(jobWith(sampleEvent('a').toJSON()))
        .catch((reason: unknown) => reasons.push(reason));
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
    await expect(worker.process(jobWith(sampleEvent('a').toJSON()))).rejects.toThrow(
      /^handler_failed: [^:]*$/,
    );
  });
});
