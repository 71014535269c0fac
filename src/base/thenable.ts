/** Values that may have to be waited for. */

/**
 * Whether a value has to be waited for; a promise that nobody needs costs time. Not by `instanceof`, since some
 * applications replace the global `Promise`, and those of async functions are none of these.
 */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
