/**
 * Shares the event loop between the workers of a pool and everything else in the process. Without it a
 * burst of quick handlers would run to its end in one go, and requests would wait past the vendor's 2 s.
 */

/** Milliseconds that the workers of a pool may run before requests, answers and timers get their turn. */
export const TURN_MS = 5;

/** The workers' turns at the event loop. All workers of a pool share one. */
export class Turns {
  #next: Promise<void> | undefined;
  #end = 0;

  /**
   * Whether a worker must wait for the next turn before it begins a job: the workers have had the event loop
   * long enough, or others wait already, whose jobs came earlier.
   */
  over(): boolean {
    return this.#next !== undefined || performance.now() >= this.#end;
  }

  /** Resolves when the event loop has been round once; in the order of the calls. */
  next(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      afterIo(() => {
        this.#next = undefined;
        this.#end = performance.now() + TURN_MS;
        resolve();
      });
    });
    return this.#next;
  }
}

/** `setImmediate` where it exists: a timer waits at least a millisecond. */
function afterIo(callback: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(callback);
  else setTimeout(callback, 0);
}
