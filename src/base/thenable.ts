/** Values that may have to be waited for. */

/** Whether a value has to be waited for. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

async function later<T, R>(value: PromiseLike<T>, goOn: (value: T) => R | Promise<R>): Promise<R> {
  return goOn(await value);
}

/**
 * Goes on with a value, at once if it is there: a promise that nobody needs costs time. Not by `instanceof`, since
 * some applications replace the global `Promise`, and those of async functions are none of these.
 */
export function whenThere<T, R>(
  value: T | PromiseLike<T>,
  goOn: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return isThenable(value) ? later(value, goOn) : goOn(value);
}
