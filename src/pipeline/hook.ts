/** Stage 5: the user's hook, which may answer instead of a handler. */

import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { BeforeHook } from '../options/routes.js';
import type { AnyCallbackEvent } from '../protocol/event.js';

async function settle<T>(result: PromiseLike<T>, deadline: Deadline): Promise<T> {
  let timeout: CallbackError | undefined;
  const tooLate = (): CallbackError => {
    timeout = new CallbackError('handler_timeout');
    return timeout;
  };
  try {
    return await deadline.wait(result, tooLate);
  } catch (thrown) {
    throw timeout ?? new CallbackError('handler_failed', { cause: thrown });
  }
}

/**
 * Calls user code: a hook, a handler or a default handler. Whatever it throws is its failure, also a coded
 * error of ours. What it returns at once is given at once.
 * @throws CallbackError `handler_failed` when it throws, `handler_timeout` past the deadline.
 */
export function callUser<T>(call: () => T | PromiseLike<T>, deadline: Deadline): T | Promise<T> {
  let result: T | PromiseLike<T>;
  try {
    result = call();
    if (!isThenable(result)) return result;
  } catch (cause) {
    throw new CallbackError('handler_failed', { cause });
  }
  return settle(result, deadline);
}

/** Runs the hook. `undefined`: go on. */
export function runHook(hook: BeforeHook, event: AnyCallbackEvent, deadline: Deadline): unknown {
  return callUser<unknown>(() => hook(event), deadline);
}
