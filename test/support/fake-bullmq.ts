/** BullMQ's classes as a store that hangs leaves them. */

import { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { JobQueue, JobWorker, ProcessJob } from '../../src/queue/bullmq/store.js';

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** A worker whose jobs come from the test, and that never says that it has paused. */
export class FakeWorker extends EventEmitter implements JobWorker {
  concurrency = 1;
  waitUntilReady = async (): Promise<void> => undefined;
  pause = vi.fn((): Promise<void> => never());
  resume = vi.fn();
  close = vi.fn(async (): Promise<void> => undefined);

  constructor(readonly process: ProcessJob) {
    super();
  }

  getBackend = () => ({ reconnectBlocking: async (): Promise<void> => undefined });
}

/** A queue none of whose calls ends. */
export class HangingQueue extends EventEmitter implements JobQueue {
  readonly name = 'hanging';
  readonly opts = {};
  add = never;
  addBulk = never;
  getJobCounts = never;
  getJobs = never;
  close = never;
  getBackend = () => ({ close: never });
}
