/** The check of the memory queue's options; those that all queues share are tested in run-options.test.ts. */

import { describe, expect, it } from 'vitest';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
import { type MemoryQueueOptions, resolveMemoryOptions } from '../../../../src/queue/memory/options.js';

describe('the options of the memory queue', () => {
  it.each<[string, MemoryQueueOptions]>([
    ['absent', {}],
    ['undefined', { capacity: undefined, assist: undefined, workers: undefined }],
    ['undefined within assist', { assist: { max: undefined, idleMs: undefined } }],
  ])('have the documented defaults when they are %s', (_, options) => {
    expect(resolveMemoryOptions(options)).toMatchObject({
      run: { workers: 16, attempts: 1 },
      limits: { capacity: 10_000, assistMax: 64, idleMs: 1_000 },
    });
  });

  it('may be the lowest of what is allowed', () => {
    const lowest = { capacity: 0, assist: { max: 0, idleMs: 0 } };
    expect(resolveMemoryOptions(lowest).limits).toEqual({ capacity: 0, assistMax: 0, idleMs: 0 });
  });

  it('are taken as they are given, and not changed', () => {
    const options = Object.freeze({ workers: 2, assist: Object.freeze({ max: 3 }) });
    expect(resolveMemoryOptions(options)).toMatchObject({ run: { workers: 2 }, limits: { assistMax: 3 } });
  });

  it.each<[unknown, string]>([
    [{ workers: 0 }, 'workers must be a whole number from 1'],
    [{ capacity: -1 }, 'capacity must be a whole number from 0'],
    [{ capacity: 1.5 }, 'capacity'],
    [{ capacity: Number.NaN }, 'capacity'],
    [{ capacity: Number.POSITIVE_INFINITY }, 'capacity'],
    [{ assist: { max: -1 } }, 'assist.max must be a whole number from 0'],
    [{ assist: { idleMs: 0.5 } }, 'assist.idleMs'],
    [{ assist: { idleMs: -1 } }, 'assist.idleMs must be a whole number from 0 to 2147483647, not -1'],
    [{ assist: { idleMs: 2 ** 31 } }, 'assist.idleMs'],
    [{ assist: true }, 'assist must be false or { max, idleMs }, not true'],
    [{ assist: null }, 'assist must be false or { max, idleMs }, not null'],
  ])('are refused where the queue is made: %o', (options, message) => {
    expect(() => memoryQueue(options as MemoryQueueOptions)).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        code: 'option_invalid',
        message: expect.stringContaining(message),
      }),
    );
  });
});
