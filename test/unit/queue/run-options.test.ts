/** The check of the options that all queues share. */

import { describe, expect, it, vi } from 'vitest';
import { byConversation } from '../../../src/queue/order.js';
import { checkFunctions, type RunOptions, resolveRunOptions } from '../../../src/queue/run-options.js';
import { sampleEvent } from '../../support/queue-events.js';

const NAMES = ['workers', 'attempts', 'backoff', 'orderBy', 'onDead', 'random', 'now'] as const;

describe('the options of runs', () => {
  it.each<[string, RunOptions]>([
    ['absent', {}],
    ['undefined', Object.fromEntries(NAMES.map((name) => [name, undefined]))],
  ])('have the documented defaults when they are %s', (_, options) => {
    const { backoff, orderBy, ...others } = resolveRunOptions(options);
    expect(others).toEqual({
      workers: 16,
      attempts: 1,
      onDead: undefined,
      random: Math.random,
      now: Date.now,
    });
    expect(orderBy(sampleEvent('a'))).toBeUndefined();
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.25);
    expect(resolveRunOptions(options).backoff(1)).toBe(250);
    random.mockRestore();
    expect(backoff(1)).toBeLessThanOrEqual(1_000);
  });

  it('are taken as they are given', () => {
    const given = {
      workers: 1,
      attempts: 2,
      onDead: () => undefined,
      orderBy: byConversation,
      random: () => 0.5,
      now: () => 7,
    };
    const { backoff, ...others } = resolveRunOptions({ ...given, backoff: { initialMs: 10 } });
    expect(others).toEqual(given);
    expect(backoff(1)).toBe(5);
  });

  it.each<[unknown, string]>([
    [{ workers: 0 }, 'workers must be a whole number from 1 to 9007199254740991, not 0'],
    [{ workers: '4' }, 'workers'],
    [{ attempts: 0 }, 'attempts must be a whole number from 1'],
    [{ backoff: { initialMs: 0 } }, 'backoff.initialMs'],
    [{ random: 0.5 }, 'random must be a function, not 0.5'],
    [{ now: 0 }, 'now must be a function, not 0'],
    [{ orderBy: 'GroupId' }, 'orderBy must be a function, not GroupId'],
    [{ onDead: [] }, 'onDead must be a function'],
  ])('are refused: %o', (options, message) => {
    expect(() => resolveRunOptions(options as RunOptions)).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        code: 'option_invalid',
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('checkFunctions', () => {
  it('takes functions and what is absent, and names what is neither', () => {
    expect(() => checkFunctions({ one: () => undefined, other: undefined })).not.toThrow();
    expect(() => checkFunctions({ one: () => undefined, other: null })).toThrow(
      expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining('other must be') }),
    );
  });
});
