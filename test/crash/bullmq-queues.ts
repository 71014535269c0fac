/** The BullMQ queues of the crash tests, on the Redis of REDIS_URL, and what their processes have in common. */

import { bullmqQueue } from '../../src/bullmq.js';
import type { EventQueue } from '../../src/queue/queue.js';

/**
 * Settings of a process that is killed all the time: its events come back LOCK_MS after its death, soon unless told
 * otherwise, and as often as MAX_STALLED says. Without it they come back as often as the defaults of this package
 * let them.
 */
export function placeFromSettings() {
  const { REDIS_URL: url = '', BULLMQ_NAME: name = '', WORKERS, LOCK_MS = '500', MAX_STALLED } = process.env;
  return {
    connection: { url },
    name,
    prefix: 'qcloud-im-test',
    workers: Number(WORKERS),
    workerOptions: {
      lockDuration: Number(LOCK_MS),
      stalledInterval: 200,
      ...(MAX_STALLED === undefined ? {} : { maxStalledCount: Number(MAX_STALLED) }),
    },
  };
}

/** Makes the BullMQ queue of this process. */
export function bullmqFromSettings(worker: boolean): EventQueue {
  return bullmqQueue({ ...placeFromSettings(), worker });
}
