/** Values that may have to be waited for. */

/** Goes on with a value, at once if it is there: a promise that nobody needs costs time. */
export function whenThere<T, R>(value: T | Promise<T>, goOn: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
