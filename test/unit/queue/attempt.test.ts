/** The runs that queues hand to their consumers. */

import { afterEach, expect, it, vi } from 'vitest';
import { Run } from '../../../src/queue/attempt.js';

const closing = expect.objectContaining({ code: 'closing' });

afterEach(() => {
  vi.unstubAllGlobals();
});

it('makes no AbortController until somebody reads the signal', () => {
  const made = vi.fn();
  vi.stubGlobal('AbortController', made);
  new Run(1).abort();
  expect(made).not.toHaveBeenCalled();
});

it('has one signal, which aborts with the code closing', () => {
  const run = new Run(2);
  const { signal } = run;
  expect(run.attempt).toBe(2);
  expect(signal.aborted).toBe(false);
  run.abort();
  expect(run.signal).toBe(signal);
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toEqual(closing);
});

it('has an aborted signal when it is first read after the abort', () => {
  const run = new Run(1);
  run.abort();
  expect(run.signal.aborted).toBe(true);
  expect(run.signal.reason).toEqual(closing);
});
