/** The check of the memory queue's options. */

import { describe, expect, it } from 'vitest';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
import { type MemoryQueueOptions, resolveMemoryOptions } from '../../../../src/queue/memory/options.js';

describe('the options of the memory queue', () => {
  it('have the documented defaults', () => {
    expect(resolveMemoryOptions({})).toMatchObject({
      limits: { workers: 16, capacity: 10_000, assistMax: 64, idleMs: 1000 },
      waits: false,
      attempts: 1,
      onDead: undefined,
    });
  });

  it('may each be undefined, which equals absent', () => {
    const absent = Object.fromEntries(
      [
        'workers',
        'capacity',
        'assist',
        'overflow',
        'attempts',
        'backoff',
        'random',
        'now',
        'orderBy',
        'onDead',
      ].map((name) => [name, undefined]),
    );
    expect(resolveMemoryOptions(absent).limits).toEqual(resolveMemoryOptions({}).limits);
    expect(resolveMemoryOptions({ assist: {} }).limits).toEqual(resolveMemoryOptions({}).limits);
  });

  it('may be the lowest of what is allowed', () => {
    const lowest = { workers: 1, capacity: 0, assist: { max: 0, idleMs: 0 }, attempts: 1 };
    expect(resolveMemoryOptions(lowest).limits).toEqual({ workers: 1, capacity: 0, assistMax: 0, idleMs: 0 });
  });

  it('are not changed and cannot be changed later', () => {
    const options = Object.freeze({ workers: 2, assist: Object.freeze({ max: 3 }) });
    const resolved = resolveMemoryOptions(options);
    expect(resolved.limits).toMatchObject({ workers: 2, assistMax: 3 });
    expect([resolved, resolved.limits].every(Object.isFrozen)).toBe(true);
  });

  it.each<[unknown, string]>([
    [{ workers: 0 }, 'workers must be a whole number from 1 to 9007199254740991, not 0'],
    [{ workers: 1.5 }, 'workers'],
    [{ workers: '4' }, 'workers'],
    [{ capacity: -1 }, 'capacity must be a whole number from 0'],
    [{ capacity: Number.NaN }, 'capacity'],
    [{ capacity: Number.POSITIVE_INFINITY }, 'capacity'],
    [{ assist: { max: -1 } }, 'assist.max must be a whole number from 0'],
    [{ assist: { idleMs: 0.5 } }, 'assist.idleMs'],
    [{ assist: { idleMs: -1 } }, 'assist.idleMs must be a whole number from 0 to 2147483647, not -1'],
    [{ assist: { idleMs: 2 ** 31 } }, 'assist.idleMs'],
    [{ assist: true }, 'assist must be false or { max, idleMs }, not true'],
    [{ assist: null }, 'assist must be false or { max, idleMs }, not null'],
    [{ attempts: 0 }, 'attempts must be a whole number from 1'],
    [{ backoff: { initialMs: 0 } }, 'backoff.initialMs'],
    [{ overflow: 'drop' }, "overflow must be 'reject' or 'wait', not drop"],
    [{ random: 0.5 }, 'random must be a function, not 0.5'],
    [{ now: 0 }, 'now must be a function, not 0'],
    [{ orderBy: 'GroupId' }, 'orderBy must be a function, not GroupId'],
    [{ onDead: [] }, 'onDead must be a function'],
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
