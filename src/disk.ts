/** Entry `qcloud-im-callback/disk`: the queue on disk. */

export { type DiskQueue, diskQueue } from './queue/disk.js';
export type { ListOptions } from './queue/disk-aside.js';
export type { DiskQueueOptions } from './queue/disk-options.js';
export type { DeadLetter, InvalidItem, RowFailure } from './queue/disk-record.js';
