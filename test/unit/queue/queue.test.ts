/** What every queue does alike. */

import { describe, expect, it } from 'vitest';
import { alreadyStartedError, CLOSE_TIMEOUT_MS, closeMs } from '../../../src/queue/queue.js';

describe('closeMs', () => {
  it.each([
    [undefined, CLOSE_TIMEOUT_MS],
    [{}, CLOSE_TIMEOUT_MS],
    [{ timeoutMs: Number.NaN }, CLOSE_TIMEOUT_MS],
    [{ timeoutMs: -1 }, CLOSE_TIMEOUT_MS],
    [{ timeoutMs: 0 }, 0],
    [{ timeoutMs: Number.POSITIVE_INFINITY }, 2 ** 31 - 1],
  ])('makes of %j a time that a timer can hold, %d', (options, ms) => {
    expect(closeMs(options)).toBe(ms);
  });
});

describe('alreadyStartedError', () => {
  it('says that each receiver needs a queue of its own', () => {
    expect(alreadyStartedError()).toMatchObject({
      name: 'ConfigurationError',
      code: 'option_invalid',
      message: expect.stringContaining('a queue of its own'),
    });
  });
});
