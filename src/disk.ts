/** Entry `qcloud-im-callback/disk`: the queue on disk. */

export { type DiskQueue, diskQueue } from './queue/disk/disk.js';
export type { DiskQueueOptions } from './queue/disk/options.js';
export type { DeadLetter, InvalidItem } from './queue/disk/record.js';
