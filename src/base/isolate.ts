/** Calls functions that users wrote, in places where nothing else would catch their errors. */

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
