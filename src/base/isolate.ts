/** Calls functions that others wrote where nobody is left to take their errors. */

/**
 * Calls a function. What it throws, or what its promise rejects with, goes to `failed`, which must not
 * throw; the caller goes on as if nothing had happened.
 */
export function isolate(call: () => unknown, failed: (thrown: unknown) => void): void {
  void run(call, failed);
}

async function run(call: () => unknown, failed: (thrown: unknown) => void): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    failed(thrown);
  }
}
