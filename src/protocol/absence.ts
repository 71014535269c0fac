/**
 * Removes what says that there is no value: `null` where a field may be missing, and an empty text where that
 * field holds a time. Part of the validate stage.
 */

import { isRecord } from '../base/record.js';
import { type Positions, sharedPositions } from '../generated/absences.js';

function positionsNamed(at: Positions | string): Positions {
  // The generator writes positions for every name it uses.
  return typeof at === 'string' ? (sharedPositions[at] as Positions) : at;
}

function dropFrom(body: Record<string, unknown>, { optional = [], times = [] }: Positions): boolean {
  let dropped = false;
  for (const name of optional) {
    if (body[name] === null || (body[name] === '' && times.includes(name))) {
      delete body[name];
      dropped = true;
    }
  }
  return dropped;
}

/**
 * Removes, in place, what stands for no value at the given positions.
 * @returns Whether anything was removed.
 */
export function dropAbsent(value: unknown, at: Positions | string): boolean {
  const positions = positionsNamed(at);
  const { items, fields = {}, by, cases = {} } = positions;
  let dropped = false;
  if (Array.isArray(value)) {
    if (items !== undefined) for (const item of value) dropped = dropAbsent(item, items) || dropped;
    return dropped;
  }
  if (!isRecord(value)) return false;
  dropped = dropFrom(value, positions);
  for (const [name, inside] of Object.entries(fields)) dropped = dropAbsent(value[name], inside) || dropped;
  const which = by === undefined ? undefined : value[by];
  if (typeof which === 'string' && Object.hasOwn(cases, which)) {
    dropped = dropAbsent(value, cases[which] as Positions | string) || dropped;
  }
  return dropped;
}
