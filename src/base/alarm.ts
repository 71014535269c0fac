/** Tells those who wait when their time is over: many of them by one timer, because most never need theirs. */

import { type Timer, unref } from './timers.js';

/** Somebody who waits. */
export interface Sleeper {
  /** Milliseconds of `performance.now()` at which it is woken. */
  readonly wakeAt: number;
  /** Must not throw. */
  wake(): void;
  /** Its neighbours among those who wait for the same alarm, which alone writes them. */
  before: Sleeper | undefined;
  after: Sleeper | undefined;
}

/*
 * Invariants: sleepers stand in the order of `wakeAt`; while there is one, a timer is set for the first or earlier.
 */
export class Alarm {
  readonly #isShared: boolean;
  #first: Sleeper | undefined;
  #last: Sleeper | undefined;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /**
   * @param isShared Whether others come after those who wait: the timer then stays when nobody does, until it fires
   * once, and keeps no process alive. Defaults to `false`.
   */
  constructor(isShared = false) {
    this.#isShared = isShared;
  }

  /** Adds somebody who does not wait. */
  add(sleeper: Sleeper): void {
    let before = this.#last;
    // Where all wait equally long this is the last one, or one of the few that began in the same moment.
    while (before !== undefined && before.wakeAt > sleeper.wakeAt) before = before.before;
    const after = before === undefined ? this.#first : before.after;
    this.#join(before, sleeper);
    this.#join(sleeper, after);
    if (sleeper.wakeAt < this.#timerAt) this.#set(sleeper.wakeAt);
  }

  /** Lets somebody go who waits. */
  remove(sleeper: Sleeper): void {
    this.#join(sleeper.before, sleeper.after);
    sleeper.before = undefined;
    sleeper.after = undefined;
    if (this.#first === undefined && !this.#isShared) this.#clear();
  }

  #join(before: Sleeper | undefined, after: Sleeper | undefined): void {
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }

  #set(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#ring(), Math.ceil(at - performance.now()));
    if (this.#isShared) unref(this.#timer);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #ring(): void {
    this.#clear();
    // A timer counts from the begin of its turn of the event loop, so that it may be a little early.
    const now = performance.now();
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (first.wakeAt > now) {
        this.#set(first.wakeAt);
        return;
      }
      this.remove(first);
      first.wake();
    }
  }
}
