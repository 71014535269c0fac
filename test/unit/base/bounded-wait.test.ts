/** Waiting for promises that may never settle. */

import { describe, expect, it } from 'vitest';
import { Late, settledWithin, within } from '../../../src/base/bounded-wait.js';

const never = new Promise<never>(() => undefined);

describe('within', () => {
  it('gives the result of a promise that settles in time', async () => {
    expect(await within(Promise.resolve(7), 1_000)).toBe(7);
    await expect(within(Promise.reject(new Error('broken')), 1_000)).rejects.toThrow('broken');
  });

  it('rejects with Late when the time is over', async () => {
    await expect(within(never, 1)).rejects.toThrow(Late);
    await expect(within(never, -1)).rejects.toThrow('no result within -1 ms');
  });

  it('ignores what comes later', async () => {
    let fail = (_error: Error): void => undefined;
    const late = new Promise((_, reject) => {
      fail = reject;
    });
    await expect(within(late, 1)).rejects.toThrow(Late);
    fail(new Error('unhandled, if nobody took it'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('settledWithin', () => {
  it('tells whether a promise settled in time, either way', async () => {
    expect(await settledWithin(Promise.resolve(), 1_000)).toBe(true);
    expect(await settledWithin(Promise.reject(new Error('broken')), 1_000)).toBe(true);
    expect(await settledWithin(never, 1)).toBe(false);
  });
});
