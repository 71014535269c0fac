/** Work that ends with its test, also with one that has run out of time. */

import { onTestFinished } from 'vitest';

/**
 * Runs work that starts processes. When the test is over the signal aborts, and the next test waits until the work
 * has ended, so that nothing of it comes in between.
 */
export function withinTest<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const running = work(controller.signal);
  onTestFinished(async () => {
    controller.abort(new Error('the test is over'));
    await running.catch(() => undefined);
  });
  return running;
}
