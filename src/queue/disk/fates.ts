/** Between events in memory and their rows on disk: what is written for each fate, and how a row becomes an event again. */

import { CallbackError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import type { EventConsumer } from '../queue.js';
import type { Entry, EventRuns } from '../run.js';
import { deadText, invalidText, waitingFrom, waitingText } from './record.js';
import { put, type Row, remove } from './rows.js';
import type { GroupWriter } from './writer.js';

/** What an event in memory is on disk. */
export interface Stored {
  readonly number: number;
  /** Characters of its text. */
  readonly size: number;
}

/** An event that was read from the disk, as `EventRuns.take` wants it. */
export type Loaded = Parameters<EventRuns<Stored>['take']>;

/** @param now Milliseconds since the Unix epoch. */
export function fatesOf(writer: GroupWriter, now: () => number) {
  return {
    completed({ item: { number } }: Entry<Stored>): void {
      writer.settle(number, [remove('event', number)]);
    },
    failed({ item: { number }, event, attempt }: Entry<Stored>): void {
      writer.settle(number, [put('event', number, waitingText(event, attempt))]);
    },
    dead({ item: { number }, event, attempt }: Entry<Stored>, error: CallbackError): void {
      const text = deadText(event, attempt, error, now());
      writer.settle(number, [remove('event', number), put('dead', number, text)]);
    },
    /** Its caller was told that it is not accepted, so it should not run. */
    abandoned(number: number): void {
      writer.settle(number, [remove('event', number)]);
    },
    /** Takes the event of a row; what is no event is put aside. */
    load(
      { number, text }: Row,
      runs: EventRuns<Stored>,
      consumer: EventConsumer,
      take: (...loaded: Loaded) => void,
    ): void {
      try {
        const { item, attempts } = waitingFrom(text);
        const event = consumer.decode(item);
        take({ number, size: text.length }, event, keyOf(event, runs), attempts);
      } catch (thrown) {
        const error = CallbackError.from(thrown, 'body_not_json');
        const aside = invalidText(text, error, now());
        writer.settle(number, [remove('event', number), put('invalid', number, aside)]);
        runs.outcomes.tell({ kind: 'invalid', error });
      }
    },
  };
}

/** The key of a stored event. Where `orderBy` throws it has none: what is accepted cannot be refused any more. */
function keyOf(event: AnyCallbackEvent, runs: EventRuns<Stored>): string | undefined {
  try {
    return runs.keyOf(event);
  } catch (thrown) {
    runs.outcomes.tell({ kind: 'store', error: CallbackError.from(thrown, 'queue_failed'), event });
    return undefined;
  }
}
