/** The options of the disk queue. */

import { describe, expect, it } from 'vitest';
import { resolveDiskOptions } from '../../../../src/queue/disk/options.js';
import { WORKERS } from '../../../../src/queue/run-options.js';
import { sampleEvent } from '../../../support/queue-events.js';

const refused = (text: string) =>
  expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining(text) });

describe('resolveDiskOptions', () => {
  it('needs nothing but a directory', () => {
    const options = resolveDiskOptions({ dir: 'd' });
    expect(options).toMatchObject({
      dir: 'd',
      sync: false,
      run: { workers: WORKERS, attempts: 1, onDead: undefined },
    });
    expect(options.bound).toBeGreaterThan(1e15);
    expect(options.run.orderBy(sampleEvent('a'))).toBeUndefined();
    expect(options.run.now).toBe(Date.now);
  });

  it('takes what is given', () => {
    const run = { attempts: 3, now: () => 5, orderBy: () => 'k', onDead: () => undefined };
    const options = resolveDiskOptions({
      ...run,
      sync: true,
      dir: 'd',
      workers: 2,
      capacity: 0,
      backoff: { initialMs: 8 },
      random: () => 0.5,
    });
    expect(options).toMatchObject({ run: { ...run, workers: 2 }, sync: true, bound: 2 });
    expect(options.run.backoff(1)).toBe(4);
  });

  it.each([
    [{ dir: '' }, 'dir must be the path of a directory'],
    [{ dir: undefined }, 'dir must be the path of a directory, not undefined'],
    [{ sync: 'yes' }, 'sync must be true or false, not yes'],
    [{ workers: 0 }, 'workers'],
    [{ capacity: -1 }, 'capacity'],
    [{ attempts: 0 }, 'attempts'],
    [{ backoff: { factor: 0 } }, 'backoff.factor'],
    [{ random: 0.5 }, 'random must be a function'],
    [{ now: 5 }, 'now must be a function'],
    [{ orderBy: 'GroupId' }, 'orderBy must be a function'],
    [{ onDead: true }, 'onDead must be a function'],
  ])('refuses %j', (wrong, text) => {
    // JavaScript knows no types, and settings come from outside.
    const options: unknown = { dir: 'd', ...wrong };
    expect(() => resolveDiskOptions(options as Parameters<typeof resolveDiskOptions>[0])).toThrow(
      refused(text),
    );
  });
});
