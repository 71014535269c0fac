/** A store with the three verbs of the Go package, in memory, as a user might write one; and faults for any store. */

import type { ListCache } from '../../src/queue/list/cache.js';

/** Lists by key. */
export class MemoryListStore implements ListCache {
  readonly lists = new Map<string, string[]>();
  /** While set, every verb fails with it. */
  fault: Error | undefined;
  calls = 0;

  list(key: string): string[] {
    const list = this.lists.get(key) ?? [];
    this.lists.set(key, list);
    return list;
  }

  async blpop(key: string, seconds: number): Promise<string | undefined> {
    this.#call();
    const end = performance.now() + seconds * 1000;
    while (this.list(key).length === 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return this.list(key).shift();
  }

  rpush(key: string, ...values: string[]): number {
    this.#call();
    return this.list(key).push(...values);
  }

  llen(key: string): number {
    this.#call();
    return this.list(key).length;
  }

  #call(): void {
    this.calls += 1;
    if (this.fault !== undefined) throw this.fault;
  }
}

/** Resolves from outside. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export function gate<T = void>(): Gate<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
