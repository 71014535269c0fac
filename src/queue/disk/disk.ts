/** The queue that keeps events in a directory of this machine, so that they outlive the process. */

import type { EventQueue } from '../queue.js';
import type { PutAside } from './dead-letters.js';
import { LevelQueue } from './level-queue.js';
import { type DiskQueueOptions, resolveDiskOptions } from './options.js';

/** A queue on disk, which also keeps what could not be done. */
export interface DiskQueue extends EventQueue, PutAside {}

/**
 * A queue on disk. What it accepted outlives the process and is run at least once: an event whose run, or
 * whose end, was cut short runs again when a process opens the directory the next time, in the old order.
 * @throws ConfigurationError `option_invalid`
 */
export function diskQueue(options: DiskQueueOptions): DiskQueue {
  return new LevelQueue(resolveDiskOptions(options));
}
