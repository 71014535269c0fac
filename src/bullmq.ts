/** Entry `qcloud-im-callback/bullmq`: the queue tier for many machines. BullMQ is imported nowhere else. */

export { type BullmqQueue, bullmqQueue } from './queue/bullmq/bullmq.js';
export type { EventJob, EventJobData } from './queue/bullmq/job.js';
export type {
  BullmqPlace,
  BullmqQueueOptions,
  BullmqRunOptions,
  BullmqWorkerOptions,
} from './queue/bullmq/options.js';
export type {
  JobQueue,
  JobWorker,
  Keep,
  ProcessJob,
  QueuedJob,
  RunningJob,
  WorkerFactory,
  WorkerSettings,
} from './queue/bullmq/store.js';
export { type BullmqWorker, type ConsumerOwner, createWorker } from './queue/bullmq/worker.js';
