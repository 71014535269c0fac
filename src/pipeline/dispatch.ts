/** Stage 6: the handler of the command runs now, or its event goes to the queue. */

import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { AnyRoute, DefaultHandler } from '../options/routes.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { type AnswerBody, answerFrom } from './answer.js';
import { callUser } from './hook.js';

/** Puts an event where it is safe; rejects when it could not. */
export type Enqueue = (event: AnyCallbackEvent, deadline: Deadline) => void | Promise<void>;

/**
 * Gives what a handler returned, or a promise of it where it has to be waited for.
 * @throws CallbackError `handler_failed`, `handler_timeout`, `queue_full`, `queue_failed` or `closing`.
 */
export function dispatch(
  event: AnyCallbackEvent,
  route: AnyRoute | undefined,
  defaultHandler: DefaultHandler,
  enqueue: Enqueue,
  deadline: Deadline,
): unknown {
  if (route === undefined) return callUser<unknown>(() => defaultHandler(event), deadline);
  if (route.async !== true) {
    const returned = callUser<unknown>(() => route.handle(event), deadline);
    if (event.phase !== 'before') return returned;
    return isThenable(returned)
      ? returned.then((answer) => decided(answer, event))
      : decided(returned, event);
  }
  return dispatchQueued(event, route, defaultHandler, enqueue, deadline);
}

/**
 * The verdict of a before-command's handler. A forgotten `return` gives none, and must not let through what the
 * handler meant to refuse.
 */
function decided(answer: unknown, { command }: AnyCallbackEvent): unknown {
  if (answer !== undefined) return answer;
  const message = `the handler of ${command} returned nothing: return ok() or refuse(…)`;
  throw new CallbackError('handler_failed', { message });
}

async function dispatchQueued(
  event: AnyCallbackEvent,
  route: Extract<AnyRoute, { async: true }>,
  defaultHandler: DefaultHandler,
  enqueue: Enqueue,
  deadline: Deadline,
): Promise<AnswerBody> {
  // The answer is known before the event is accepted: a default handler that fails then costs nothing.
  const returned = route.asyncResponse ?? (await callUser(() => defaultHandler(event), deadline));
  const answer = answerFrom(returned, event);
  await enqueue(event, deadline);
  return answer;
}
