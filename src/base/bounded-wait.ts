/** Waits for promises that may never settle, as those of a client whose server is away. */

/** The time was over first. */
export class Late extends Error {
  override readonly name = 'Late';

  constructor(ms: number) {
    super(`no result within ${Math.round(ms)} ms`);
  }
}

/** The result of a promise, or a rejection with `Late`; what comes later is ignored. */
export function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Late(ms)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Whether a promise settled in time, either way. Never rejects. */
export function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return within(promise, ms).then(
    () => true,
    (thrown: unknown) => !(thrown instanceof Late),
  );
}
