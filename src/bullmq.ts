/** Entry `qcloud-im-callback/bullmq`: the queue tier for many machines. BullMQ is imported nowhere else. */

export { type BullmqQueue, bullmqQueue } from './queue/bullmq/bullmq.js';
export type { BullmqQueueOptions, BullmqWorkerOptions } from './queue/bullmq/options.js';
export { type BullmqWorker, createWorker } from './queue/bullmq/worker.js';
