/**
 * The text of an item on a list, and the counter at its end. Items are changed as text: whoever wrote an
 * item may have put into it what no parser of ours would give back unchanged.
 */

import type { AnyCallbackEvent } from '../../protocol/event.js';

const RUNS = /,"Runs":(\d{1,9})\}\s*$/;

/** The counter is at the end and no longer than this. */
const TAIL = 64;

/** How often the handler has failed an item. */
export function runsOf(text: string): number {
  const [, runs = '0'] = RUNS.exec(text.slice(-TAIL)) ?? [];
  return Number(runs);
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
 * The item as it goes back to a list. One that the Go package wrote gets the id and the time that the event was
 * given here, so that every run has the same ones.
 * @param text An item of which the event was made.
 * @param runs How often the handler has failed it.
 */
export function nextItem(text: string, event: AnyCallbackEvent, runs: number): string {
  const value = jsonOf(text);
  const named = typeof value === 'object' && value !== null && Reflect.get(value, 'Id') === event.id;
  if (named && runs === runsOf(text)) return text;
  const trimmed = text.trimEnd();
  const tail = RUNS.exec(trimmed.slice(-TAIL))?.[0] ?? '}';
  const { Id, ReceivedAt } = event.toJSON();
  const identity = named ? '' : `,"Id":${JSON.stringify(Id)},"ReceivedAt":${ReceivedAt}`;
  return `${trimmed.slice(0, -tail.length)}${identity},"Runs":${runs}}`;
}
