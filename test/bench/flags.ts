/** What the command lines of the benchmarks have in common. */

/** The number that a flag is given. @throws RangeError when it is no whole number from 1. */
export function count(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`--${flag} takes a whole number from 1`);
  return number;
}
