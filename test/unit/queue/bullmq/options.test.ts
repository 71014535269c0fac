/** The check of the BullMQ tier's options. */

import { describe, expect, it } from 'vitest';
import { bullmqQueue, createWorker } from '../../../../src/bullmq.js';
import {
  type BullmqQueueOptions,
  type BullmqWorkerOptions,
  resolveQueueOptions,
  resolveWorkerOptions,
} from '../../../../src/queue/bullmq/options.js';
import type { JobQueue } from '../../../../src/queue/bullmq/store.js';
import { Recorder } from '../../../support/queue-events.js';

const connection = { host: '127.0.0.1', port: 1 };
const queue = { name: 'mine', opts: {}, addBulk: async () => [] } as unknown as JobQueue;
const makeWorker = () => {
  throw new Error('not made in this test');
};

const refusal = (message: string) =>
  expect.objectContaining({
    name: 'ConfigurationError',
    code: 'option_invalid',
    message: expect.stringContaining(message),
  });

describe('the options of bullmqQueue', () => {
  it('have the documented defaults', () => {
    expect(resolveQueueOptions({ connection })).toMatchObject({
      name: 'im-callbacks',
      prefix: undefined,
      timeoutMs: 1_000,
      job: {
        attempts: 1,
        backoff: { type: 'custom' },
        removeOnComplete: { age: 3_600, count: 1_000 },
        removeOnFail: { age: 1_209_600, count: 10_000 },
      },
      handles: true,
      run: { workers: 16, attempts: 1, onDead: undefined },
      telemetry: undefined,
      workerOptions: {},
    });
  });

  it('may each be undefined, which equals absent', () => {
    const names = ['queue', 'name', 'prefix', 'worker', 'workers', 'attempts', 'backoff', 'random', 'onDead'];
    names.push('telemetry', 'workerOptions', 'timeoutMs', 'removeOnComplete', 'removeOnFail', 'now');
    const absent = Object.fromEntries(names.map((name) => [name, undefined]));
    const withoutFunctions = ({ run, job, workerOptions }: ReturnType<typeof resolveQueueOptions>) => [
      run.workers,
      job,
      workerOptions,
    ];
    expect(withoutFunctions(resolveQueueOptions({ ...absent, connection }))).toEqual(
      withoutFunctions(resolveQueueOptions({ connection })),
    );
  });

  it('run no handler with worker: false, and take the name of a ready-made queue', () => {
    expect(resolveQueueOptions({ connection, worker: false }).handles).toBe(false);
    expect(resolveQueueOptions({ queue, worker: false })).toMatchObject({ name: 'mine', queue });
    expect(resolveQueueOptions({ queue, worker: makeWorker }).makeWorker).toBe(makeWorker);
  });

  it.each<[unknown, string]>([
    [{}, 'either connection or queue must be given, and not both'],
    [{ connection, queue }, 'either connection or queue must be given, and not both'],
    [{ connection: 'redis://127.0.0.1' }, 'connection must be options of a Redis connection'],
    [{ connection: null }, 'connection must be options'],
    [{ queue: {}, worker: false }, 'queue must be a Queue of BullMQ'],
    [{ queue: null, worker: false }, 'queue must be a Queue of BullMQ'],
    [{ queue }, 'with queue, worker must be false or a function that makes the Worker'],
    [{ queue, worker: true }, 'with queue, worker must be false or a function'],
    [{ connection, worker: 'yes' }, 'worker must be true, false or a function, not yes'],
    [{ connection, name: 'a:b' }, 'name must be a text without a colon, not "a:b"'],
    [{ connection, name: '' }, 'name must be a text'],
    [{ connection, name: 7 }, 'name must be a text'],
    [{ connection, prefix: 7 }, 'prefix must be a text, not 7'],
    [{ connection, workers: 0 }, 'workers must be a whole number from 1'],
    [{ connection, workers: 0, worker: false }, 'workers must be a whole number from 1'],
    [{ connection, attempts: 0 }, 'attempts must be a whole number from 1'],
    [{ connection, timeoutMs: 0 }, 'timeoutMs must be a whole number from 1 to 2147483647, not 0'],
    [{ connection, timeoutMs: 2 ** 31 }, 'timeoutMs'],
    [{ connection, backoff: { initialMs: 0 } }, 'backoff.initialMs'],
    [{ connection, random: 0.5 }, 'random must be a function, not 0.5'],
    [{ connection, onDead: [] }, 'onDead must be a function'],
    [{ connection, now: 0 }, 'now must be a function, not 0'],
  ])('are refused where the queue is made: %o', (options, message) => {
    expect(() => bullmqQueue(options as BullmqQueueOptions)).toThrow(refusal(message));
  });
});

describe('the options of createWorker', () => {
  it('have the same defaults', () => {
    expect(resolveWorkerOptions({ connection })).toMatchObject({
      name: 'im-callbacks',
      run: { workers: 16 },
      workerOptions: {},
    });
    expect(resolveWorkerOptions({ worker: makeWorker, name: 'mine' })).toMatchObject({
      name: 'mine',
      makeWorker,
    });
  });

  it.each<[unknown, string]>([
    [{}, 'connection must be options of a Redis connection'],
    [{ worker: true }, 'worker must be a function, not true'],
    [{ connection, name: 'a:b' }, 'name must be a text without a colon'],
    [{ connection, workers: 1.5 }, 'workers'],
  ])('are refused where the worker is made: %o', (options, message) => {
    expect(() => createWorker(new Recorder(), options as BullmqWorkerOptions)).toThrow(refusal(message));
  });
});
