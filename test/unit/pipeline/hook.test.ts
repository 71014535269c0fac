import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { CallbackError } from '../../../src/base/errors.js';
import { callUser, runHook } from '../../../src/pipeline/hook.js';
import { refuse } from '../../../src/protocol/answers.js';
import { sampleEvent } from '../../support/queue-events.js';

const deadlineOf = (durationMs = 5_000) => new Deadline(durationMs, () => undefined);

afterEach(() => {
  vi.useRealTimers();
});

describe('callUser', () => {
  it('gives what is returned or resolved; without a promise no timer is started', async () => {
    vi.useFakeTimers();
    expect(await callUser(() => 7, deadlineOf())).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
    const deadline = deadlineOf();
    expect(await callUser(async () => 8, deadline)).toBe(8);
    deadline.end();
  });

  it.each([
    new Error('x'),
    undefined,
    null,
    'text',
    new CallbackError('app_unknown'),
    new CallbackError('handler_timeout'),
  ])('makes handler_failed of whatever is thrown or rejected: %s', async (thrown) => {
    for (const call of [
      () => Promise.reject(thrown),
      () => {
        throw thrown;
      },
    ]) {
      const deadline = deadlineOf();
      const error = await (async () => callUser(call, deadline))().catch((caught: unknown) => caught);
      deadline.end();
      expect(error).toMatchObject({ code: 'handler_failed', status: 500 });
      expect(error instanceof Error ? error.cause : 'none').toBe(thrown);
    }
  });

  it('is handler_timeout past the deadline', async () => {
    vi.useFakeTimers();
    const failed = expect(callUser(() => new Promise(() => undefined), deadlineOf(50))).rejects.toMatchObject(
      {
        code: 'handler_timeout',
      },
    );
    await vi.advanceTimersByTimeAsync(50);
    await failed;
  });
});

describe('runHook', () => {
  it('gives the event to the hook and its answer back', async () => {
    const event = sampleEvent('1');
    const answer = refuse();
    const hook = vi.fn(() => answer);
    expect(await runHook(hook, event, deadlineOf())).toBe(answer);
    expect(hook.mock.calls).toEqual([[event]]);
  });
});
