/** Where a list queue takes its items from and what it tells of them; one implementation for each mode. */

import type { CallbackError } from '../../base/errors.js';

/** What a source tells the queue beside what it is asked. */
export interface SourceEvents {
  /** Something went wrong behind the queue's back, and will be tried again. */
  failed(thrown: unknown): void;
  /** An item is out of returns and is kept among the dead. */
  dead(text: string, error: CallbackError): void;
}

/**
 * Items by their text. Whatever fails may be asked again; asked twice, it does no harm.
 * The queue asks for items one call after the other, and settles each that it was given once.
 */
export interface ListSource {
  /** Retries that wait, as far as this process knows. */
  readonly delayed: number;
  /** When the first item of the list was received, as far as this process knows; Unix milliseconds. */
  readonly headReceivedAt: number | undefined;
  /** Whether the store is there and can do what this mode needs. Rejects if not. */
  probe(): Promise<unknown>;
  /** Begins what goes on behind the queue's back. */
  start(events: SourceEvents): void;
  /**
   * Takes items, at least one and at most `max`.
   * @param wait Whether to wait some time for the first one. None: there was none.
   */
  take(max: number, wait: boolean): Promise<readonly string[]>;
  /** The event is done. */
  done(text: string): Promise<unknown>;
  /** The event runs again, as `next`, in `waitMs` milliseconds. */
  retry(text: string, next: string, waitMs: number): Promise<unknown>;
  /** Keeps an item out of the way, as `next`. */
  putAside(list: 'dead' | 'invalid', text: string, next: string): Promise<unknown>;
  /**
   * Gives back everything that is not settled, and ends what `start` began. Called once, last.
   * @param cleanly Whether no `take` is under way.
   */
  leave(cleanly: boolean): Promise<unknown>;
}
