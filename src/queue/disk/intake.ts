/** Numbers events and hands them to the writer, on behalf of callers who may stop waiting. */

import type { CallbackError, CallbackErrorOptions } from '../../base/errors.js';
import { LONGEST_TIMER_MS } from '../../base/timers.js';
import type { EnqueueOptions } from '../queue.js';
import type { Change } from './store.js';
import type { GroupWriter, Write } from './writer.js';

/**
 * What came of an event. `kept`: written, and the caller is told so. `abandoned`: written after the caller had
 * been refused. `refused`: not written.
 */
export type Outcome = 'kept' | 'abandoned' | 'refused';

/** One event on its way. */
export interface Arrival {
  /** What is to be written for it, once its number is known. */
  changes(number: number): readonly Change[];
  /** Makes the error that the caller gets. */
  refuse(options: CallbackErrorOptions): CallbackError;
  /** Called once. Must not throw. */
  ended(outcome: Outcome, number: number): void;
}

/** The way in. */
export class Intake {
  readonly #writer: GroupWriter;
  readonly #ended: () => void;
  #next = 0;
  #writing = 0;

  /** @param ended is called when an event has ended its way, after `Arrival.ended`. Must not throw. */
  constructor(writer: GroupWriter, ended: () => void) {
    this.#writer = writer;
    this.#ended = ended;
  }

  /** Above the numbers of all events. */
  get next(): number {
    return this.#next;
  }

  /** Events on their way. */
  get writing(): number {
    return this.#writing;
  }

  /** Numbers below this one are taken. */
  found(next: number): void {
    this.#next = next;
  }

  /**
   * Resolves when the event is written. Rejects when it is not, or when the caller's time is over first.
   * Events are written, and this resolves, in the order of the calls, which is that of their numbers.
   */
  add(arrival: Arrival, { timeoutMs = Number.POSITIVE_INFINITY }: EnqueueOptions): Promise<void> {
    const late = { message: 'the disk queue could not store the event in time' };
    // Written so that NaN, too, is no time at all.
    if (!(timeoutMs > 0)) return Promise.reject(arrival.refuse(late));
    return new Promise((resolve, reject) => {
      const number = this.#next;
      let waiting = true;
      const stopWaiting = () => {
        waiting = false;
        clearTimeout(timer);
      };
      const end = (outcome: Outcome) => {
        this.#writing -= 1;
        arrival.ended(outcome, number);
        this.#ended();
      };
      const giveUp = () => {
        stopWaiting();
        // What is being written already may end either way.
        if (this.#writer.cancel(write)) end('refused');
        reject(arrival.refuse(late));
      };
      const write: Write = {
        changes: arrival.changes(number),
        written: () => {
          if (!waiting) return end('abandoned');
          stopWaiting();
          end('kept');
          resolve();
        },
        failed: (cause) => {
          end('refused');
          if (!waiting) return;
          stopWaiting();
          reject(arrival.refuse({ message: 'the disk queue could not store the event', cause }));
        },
      };
      const timer =
        timeoutMs === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(giveUp, Math.min(timeoutMs, LONGEST_TIMER_MS));
      this.#next += 1;
      this.#writing += 1;
      this.#writer.add(write);
    });
  }
}
