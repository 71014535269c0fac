/**
 * The text of an item on a list, and the counters at its end. Items are changed as text: whoever wrote an
 * item may have put into it what no parser of ours would give back unchanged.
 */

import type { AnyCallbackEvent } from '../../protocol/event.js';

/** How often an event was run. */
export interface Counts {
  /** Runs that ended without success: the handler failed, or its process was gone. */
  readonly runs: number;
  /** Those of them whose process was gone, so that the event was returned to the list. */
  readonly returns: number;
}

const COUNTS = /,"Runs":(\d{1,9}),"Returns":(\d{1,9})\}\s*$/;

/** Counters are at the end and no longer than this. */
const TAIL = 64;

/** The counters of an item; scripts write them as well (list-scripts.ts). */
export function countsOf(text: string): Counts {
  const [, runs = '0', returns = '0'] = COUNTS.exec(text.slice(-TAIL)) ?? [];
  return { runs: Number(runs), returns: Number(returns) };
}

/** What an item is, before a consumer makes an event of it: its JSON, or its text where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The item for the next run. One that the Go package wrote gets the id and the time that the event was given
 * here, so that every run has the same ones.
 * @param value What `jsonOf` gave for it; an event was made of it.
 */
export function nextItem(text: string, value: unknown, event: AnyCallbackEvent, counts: Counts): string {
  const trimmed = text.trimEnd();
  const tail = COUNTS.exec(trimmed.slice(-TAIL))?.[0] ?? '}';
  const named = typeof value === 'object' && value !== null && Reflect.get(value, 'Id') === event.id;
  const { Id, ReceivedAt } = event.toJSON();
  const identity = named ? '' : `,"Id":${JSON.stringify(Id)},"ReceivedAt":${ReceivedAt}`;
  return `${trimmed.slice(0, -tail.length)}${identity},"Runs":${counts.runs},"Returns":${counts.returns}}`;
}
