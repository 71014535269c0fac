import { describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { CallbackError } from '../../../src/base/errors.js';
import type { AnyRoute, DefaultHandler } from '../../../src/options/routes.js';
import { answerFrom } from '../../../src/pipeline/answer.js';
import { dispatch } from '../../../src/pipeline/dispatch.js';
import { ok, refuse } from '../../../src/protocol/answers.js';
import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import { sampleEvent as toolEvent } from '../../../src/testing.js';
import { sampleEvent } from '../../support/queue-events.js';

const event = sampleEvent('1');

async function run(
  route: AnyRoute | undefined,
  defaultHandler: DefaultHandler = () => refuse('default'),
  given: AnyCallbackEvent = event,
) {
  const steps: string[] = [];
  const enqueue = vi.fn(async () => {
    steps.push('enqueue');
  });
  const deadline = new Deadline(5_000, () => undefined);
  const watched: DefaultHandler = (passed) => {
    steps.push('default');
    return defaultHandler(passed);
  };
  const result = await Promise.resolve()
    .then(() => dispatch(given, route, watched, enqueue, deadline))
    .catch((error: unknown) => error);
  deadline.end();
  return { result, steps, enqueue };
}

describe('dispatch', () => {
  it('lets the default handler answer where there is no route', async () => {
    expect(await run(undefined)).toMatchObject({ result: refuse('default'), steps: ['default'] });
  });

  it('runs a sync route and asks nobody else', async () => {
    const handle = vi.fn(() => ok());
    expect(await run({ handle })).toMatchObject({ result: ok(), steps: [] });
    expect(handle.mock.calls).toEqual([[event]]);
    expect(await run({ async: false, handle })).toMatchObject({ steps: [] });
  });

  it('refuses silence from the handler of a before-command, and from no other', async () => {
    const before = toolEvent('Group.CallbackBeforeSendMsg');
    const says =
      /^handler_failed: the handler of Group\.CallbackBeforeSendMsg returned nothing: return ok\(\) or refuse\(…\)$/;
    for (const handle of [() => undefined, async () => undefined]) {
      const { result } = await run({ handle }, undefined, before);
      expect(result).toMatchObject({ code: 'handler_failed', message: expect.stringMatching(says) });
      expect(await run({ handle })).toMatchObject({ result: undefined });
    }
    expect(await run(undefined, () => undefined, before)).toMatchObject({ result: undefined });
    expect(await run({ handle: async () => ok() }, undefined, before)).toMatchObject({ result: ok() });
    const { enqueue } = await run(
      { async: true, handle: () => undefined, asyncResponse: ok() },
      undefined,
      before,
    );
    expect(enqueue).toHaveBeenCalledOnce();
  });

  it('puts a queued event into the queue and does not run its handler', async () => {
    const handle = vi.fn();
    const { result, steps, enqueue } = await run({ async: true, handle, asyncResponse: refuse(7, 'later') });
    expect(result).toEqual(answerFrom(refuse(7, 'later'), event));
    expect(steps).toEqual(['enqueue']);
    expect(enqueue).toHaveBeenCalledWith(event, expect.any(Deadline));
    expect(handle).not.toHaveBeenCalled();
  });

  it('knows the default answer of a queued event before it is accepted', async () => {
    const { result, steps } = await run({ async: true, handle: () => undefined });
    expect(result).toEqual(answerFrom(refuse('default'), event));
    expect(steps).toEqual(['default', 'enqueue']);
  });

  it('does not accept an event whose answer fails or is none', async () => {
    const failing: DefaultHandler = () => {
      throw new Error('x');
    };
    const handle = () => undefined;
    const strange = { ActionStatus: 'no' } as unknown as AnyRoute;
    for (const [route, defaultHandler] of [
      [{ async: true, handle }, failing],
      [{ async: true, handle }, () => 'no answer' as unknown as undefined],
      [{ async: true, handle, asyncResponse: strange } as unknown as AnyRoute, () => undefined],
    ] as const) {
      const { result, enqueue } = await run(route, defaultHandler);
      expect(result).toMatchObject({ code: 'handler_failed' });
      expect(enqueue).not.toHaveBeenCalled();
    }
  });

  it('fails when the event is not accepted', async () => {
    const error = new CallbackError('queue_full');
    const deadline = new Deadline(5_000, () => undefined);
    await expect(
      dispatch(
        event,
        { async: true, handle: () => undefined },
        () => undefined,
        () => Promise.reject(error),
        deadline,
      ),
    ).rejects.toBe(error);
  });
});
