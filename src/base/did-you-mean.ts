/** Finds what somebody meant by a name that there is not. */

import { distance } from 'fastest-levenshtein';

/** Part of a name that may be wrong and still be recognised. */
const MAX_SHARE = 0.4;

/** The name that is nearest, compared without case; none when it is hardly like any. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length * MAX_SHARE)) + 1;
  for (const candidate of names) {
    const known = candidate.toLowerCase();
    // Somebody left the unit out.
    const edits = wanted.length > 2 && known.startsWith(wanted) ? 1 : distance(wanted, known);
    if (edits < bestDistance) [best, bestDistance] = [candidate, edits];
  }
  return best;
}

/** The end of a message: the question, or nothing where no name is near. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const meant = nearest(name, names);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
