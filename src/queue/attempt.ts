/** One run of a handler, as a queue hands it to its consumer. */

import { CallbackError } from '../base/errors.js';
import type { Attempt } from './queue.js';

/**
 * An attempt whose signal is made when it is first read: most handlers never look at it, and making an
 * AbortController costs more than everything else that a queue does for an event.
 */
export class Run implements Attempt {
  readonly attempt: number;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(attempt: number) {
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.abort();
    }
    return this.#controller.signal;
  }

  /** Asks the handler to stop. */
  abort(): void {
    this.#aborted = true;
    this.#controller?.abort(new CallbackError('closing'));
  }
}
