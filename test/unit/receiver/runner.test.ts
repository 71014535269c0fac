import { describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { silentLogger } from '../../../src/options/logger.js';
import { queued } from '../../../src/options/routes.js';
import { ok, refuse } from '../../../src/protocol/answers.js';
import { Reporter } from '../../../src/receiver/reporter.js';
import { Runner } from '../../../src/receiver/runner.js';
import { sampleEvent } from '../../support/queue-events.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const event = sampleEvent('1');

function setUp() {
  const runner = new Runner(
    new Reporter({ logger: silentLogger, onInvalid: undefined, onError: undefined }),
    undefined,
  );
  const enqueue = vi.fn(async () => undefined);
  const answer = async () => {
    const deadline = new Deadline(5_000, () => undefined);
    try {
      return await runner.answer(event, deadline, enqueue);
    } finally {
      deadline.end();
    }
  };
  return { runner, enqueue, answer };
}

describe('Runner', () => {
  it('lets the hook go first; its answer ends the request', async () => {
    const { runner, answer } = setUp();
    const handle = vi.fn(() => ok());
    runner.routes.set(AFTER, handle);
    runner.setHook(() => refuse(7));
    expect(await answer()).toMatchObject({ ErrorCode: 7 });
    expect(handle).not.toHaveBeenCalled();
    runner.setHook(() => undefined);
    expect(await answer()).toMatchObject({ ErrorCode: 0 });
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it.each([null, false, 0, '', 'ok', {}])('does not take the hook’s %j for going on', async (returned) => {
    const { runner, answer } = setUp();
    const handle = vi.fn();
    runner.routes.set(AFTER, handle);
    runner.setHook(() => returned as unknown as undefined);
    await expect(answer()).rejects.toMatchObject({ code: 'handler_failed' });
    expect(handle).not.toHaveBeenCalled();
  });

  it('answers ok when nobody is registered', async () => {
    expect(await setUp().answer()).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
  });

  it('consumes with the route of that moment, else with the default handler', async () => {
    const { runner } = setUp();
    const handle = vi.fn();
    const fallback = vi.fn(() => undefined);
    runner.setDefaultHandler(fallback);
    runner.routes.set(AFTER, queued(handle));
    await runner.consume(event);
    runner.routes.delete(AFTER);
    await runner.consume(event);
    expect(handle.mock.calls).toEqual([[event]]);
    expect(fallback.mock.calls).toEqual([[event]]);
  });

  it('makes handler_failed of what a queued handler throws or rejects', async () => {
    const { runner } = setUp();
    const cause = new Error('x');
    for (const handle of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ]) {
      runner.routes.set(AFTER, queued(handle));
      await expect(runner.consume(event)).rejects.toMatchObject({ code: 'handler_failed', cause });
    }
  });
});
