/** Disk queues under test, each with its consumer, in a directory that goes with the test. */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { CallbackError } from '../../src/base/errors.js';
import { type DiskQueue, diskQueue } from '../../src/queue/disk/disk.js';
import { Ledger } from '../../src/queue/disk/ledger.js';
import type { DiskQueueOptions } from '../../src/queue/disk/options.js';
import type { RowKind } from '../../src/queue/disk/rows.js';
import { DiskStore } from '../../src/queue/disk/store.js';
import { Gates, type Handle, Recorder } from './queue-events.js';

/** A directory that is removed when the test is over. */
export function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'disk-test-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

/** A store that is not open yet, and in which no damage may be found unless somebody is told of it. */
export function diskStore(dir: string, found = fail): DiskStore {
  return new DiskStore(dir, new Ledger(), { found, removed: fail });
}

function fail(problem: CallbackError): void {
  throw problem;
}

/** A store that is open until the test is over, and in which nothing is missing. */
export async function freshStore(dir = freshDir()): Promise<DiskStore> {
  const store = diskStore(dir);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

/** A queue that is closed when the test is over. */
export function freshQueue(dir: string, options: Partial<DiskQueueOptions> = {}): DiskQueue {
  const queue = diskQueue({ dir, workers: 1, ...options });
  onTestFinished(async () => {
    await queue.close({ timeoutMs: 0 });
  });
  return queue;
}

/** A started queue, its consumer, and gates that hold every run unless another handler is given. */
export async function diskBench(
  options: Partial<DiskQueueOptions> = {},
  handle?: Handle,
): Promise<{ dir: string; queue: DiskQueue; consumer: Recorder; gates: Gates }> {
  const { dir = freshDir() } = options;
  const gates = new Gates();
  const consumer = new Recorder(handle ?? gates.handle);
  const queue = freshQueue(dir, options);
  await queue.open();
  queue.start(consumer);
  return { dir, queue, consumer, gates };
}

/** Waits until what is expected is so. */
export function until(condition: () => void): Promise<void> {
  return vi.waitFor(condition, { timeout: 10_000, interval: 2 });
}

/** How many rows of a kind there are, up to ten thousand. */
export async function countOf(store: DiskStore, kind: RowKind): Promise<number> {
  return (await store.read(kind, { from: 0, end: Number.MAX_SAFE_INTEGER, limit: 10_000 })).rows.length;
}
