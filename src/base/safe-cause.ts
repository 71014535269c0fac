/** What went wrong underneath, fit to be handed on: clients of Redis put what they were asked to do on their errors. */

/** Levels of causes that are looked at. */
const MAX_DEPTH = 5;

/**
 * The same value, or, where an error or one behind it carries a command with its arguments (bodies, passwords), a
 * copy of the error without it.
 */
export function safeCause(thrown: unknown, depth = MAX_DEPTH): unknown {
  if (!(thrown instanceof Error) || depth === 0) return thrown;
  const cause = safeCause(thrown.cause, depth - 1);
  const errors =
    thrown instanceof AggregateError ? thrown.errors.map((one) => safeCause(one, depth - 1)) : [];
  const isSafe =
    !('command' in thrown) &&
    cause === thrown.cause &&
    (!(thrown instanceof AggregateError) || errors.every((one, place) => one === thrown.errors[place]));
  return isSafe ? thrown : copyOf(thrown, cause, errors);
}

function copyOf(error: Error, cause: unknown, errors: readonly unknown[]): Error {
  const options = cause === undefined ? undefined : { cause };
  const copy =
    error instanceof AggregateError
      ? new AggregateError(errors, error.message, options)
      : new Error(error.message, options);
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = error.stack;
  if ('code' in error) Object.assign(copy, { code: error.code });
  return copy;
}
