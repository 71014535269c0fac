/** What a list queue asks of a store: the three verbs of the Go package. */

/** What a store gives, at once or later. */
type Awaitable<T> = T | PromiseLike<T>;

/** A store of lists, for one queue. Its methods may throw or reject: the queue waits, and tries again. */
export interface ListCache {
  /**
   * Takes the first item of a list, and waits for one if there is none.
   * @param seconds How long to wait: `blockMs` of the queue in seconds, which need not be a whole number.
   * @returns The item; `null` or `undefined` when there was none.
   */
  blpop(key: string, seconds: number): Awaitable<string | null | undefined>;
  /**
   * Appends items to a list. Resolves when they are stored; stores them once, or rejects.
   * @returns The length of the list, where the store knows it; anything else is ignored.
   */
  rpush(key: string, ...values: string[]): Awaitable<unknown>;
  /** The length of a list; 0 where there is none. */
  llen(key: string): Awaitable<number>;
  /** Frees what belongs to this cache alone, such as a connection that waits. What still waits may reject. */
  close?(): Awaitable<unknown>;
}
