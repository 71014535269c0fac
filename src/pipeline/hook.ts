/** Stage 5: the user's hook, which may answer instead of a handler. */

import { type Deadline, isThenable } from '../deadline.js';
import { CallbackError } from '../errors.js';
import type { AnyCallbackEvent } from '../event.js';
import type { BeforeHook } from '../routes.js';

/**
 * Calls user code: a hook, a handler or a default handler. Whatever it throws is its failure, also a coded
 * error of ours.
 * @throws CallbackError `handler_failed` when it throws, `handler_timeout` past the deadline.
 */
export async function callUser<T>(call: () => T | PromiseLike<T>, deadline: Deadline): Promise<T> {
  let timeout: CallbackError | undefined;
  const tooLate = (): CallbackError => {
    timeout = new CallbackError('handler_timeout');
    return timeout;
  };
  try {
    const result = call();
    return isThenable(result) ? await deadline.wait(result, tooLate) : result;
  } catch (thrown) {
    throw timeout ?? new CallbackError('handler_failed', { cause: thrown });
  }
}

/** Runs the hook. `undefined`: go on. */
export function runHook(hook: BeforeHook, event: AnyCallbackEvent, deadline: Deadline): Promise<unknown> {
  return callUser(() => hook(event), deadline);
}
