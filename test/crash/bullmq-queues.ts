/** The BullMQ queues of the crash tests, on the Redis of REDIS_URL, and what their processes have in common. */

import { bullmqQueue } from '../../src/bullmq.js';
import type { EventQueue } from '../../src/queue/queue.js';

/** Settings of a process that is killed all the time: its events come back soon, and as often as need be. */
export function placeFromSettings() {
  const { REDIS_URL: url = '', BULLMQ_NAME: name = '', WORKERS } = process.env;
  return {
    connection: { url },
    name,
    prefix: 'qcloud-im-test',
    concurrency: Number(WORKERS),
    workerOptions: { lockDuration: 500, stalledInterval: 200, maxStalledCount: 1_000 },
  };
}

/** Makes the BullMQ queue of this process. */
export function bullmqFromSettings(worker: boolean): EventQueue {
  return bullmqQueue({ ...placeFromSettings(), worker });
}
