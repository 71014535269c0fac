/** What goes wrong with the disk, and how much of it is told. */

import { CallbackError } from '../../base/errors.js';

/** Least time between two reports of the same state, in milliseconds. */
export const QUIET_MS = 10_000;

/** Tells of damage at once, or when there is somebody to tell; of a disk that fails, once in a while. */
export class Failures {
  #tell: ((error: CallbackError) => void) | undefined;
  #early: CallbackError[] = [];
  #quietUntil = 0;
  #heldBack = 0;

  /** From here on there is somebody to tell. Must not throw. */
  listen(tell: (error: CallbackError) => void): void {
    this.#tell = tell;
    for (const error of this.#early.splice(0)) tell(error);
  }

  readonly damage = (error: CallbackError): void => {
    if (this.#tell === undefined) this.#early.push(error);
    else this.#tell(error);
  };

  /** A read or a write failed. */
  readonly add = (cause: unknown): void => {
    const now = performance.now();
    if (now < this.#quietUntil) {
      this.#heldBack += 1;
      return;
    }
    const message = `the disk queue cannot read or write, and could not ${this.#heldBack} times since the last report`;
    this.#tell?.(
      this.#heldBack === 0
        ? CallbackError.from(cause, 'queue_failed')
        : new CallbackError('queue_failed', { message, cause }),
    );
    this.#quietUntil = now + QUIET_MS;
    this.#heldBack = 0;
  };

  /** Nothing can be read or written any more, and this is the last that is told. */
  end(error: CallbackError): void {
    this.damage(error);
    this.#quietUntil = Number.POSITIVE_INFINITY;
  }
}
