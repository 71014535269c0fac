/** Calling functions that others wrote. */

import { expect, it, vi } from 'vitest';
import { isolate } from '../../../src/base/isolate.js';
import { settled } from '../../support/queue-events.js';

it('calls at once and says nothing when all goes well', async () => {
  const call = vi.fn();
  const failed = vi.fn();
  isolate(call, failed);
  expect(call).toHaveBeenCalledOnce();
  await settled();
  expect(failed).not.toHaveBeenCalled();
});

it.each([
  [
    'thrown',
    () => {
      throw 'broken';
    },
  ],
  ['rejected', () => Promise.reject('broken')],
])('hands on what was %s', async (_, call) => {
  const failed = vi.fn();
  isolate(call, failed);
  await settled();
  expect(failed.mock.calls).toEqual([['broken']]);
});
