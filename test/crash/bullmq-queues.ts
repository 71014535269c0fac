/**
 * The BullMQ queues of the crash tests, on the Redis of REDIS_URL or, where that is set, on the PostgreSQL of
 * POSTGRES_URL, and what their processes have in common.
 */

import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { type BullmqWorkerOptions, bullmqQueue } from '../../src/bullmq.js';
import type { EventQueue } from '../../src/queue/queue.js';

const { REDIS_URL = '', POSTGRES_URL } = process.env;

/** Bounded, so that nothing waits for a server that is away. */
const connection = {
  connectionString: POSTGRES_URL ?? '',
  connectionTimeoutMillis: 1_000,
  query_timeout: 1_000,
  keepAlive: true,
  migrate: true,
};

const postgresWorker: NonNullable<BullmqWorkerOptions['worker']> = (name, process, settings) =>
  new Worker(name, process, { ...settings, connection }, createPostgresBackend);

/**
 * Settings of a process that is killed all the time: its events come back LOCK_MS after its death, soon unless told
 * otherwise, and as often as MAX_STALLED says. Without it they come back as often as the defaults of this package
 * let them.
 */
export function placeFromSettings() {
  const { BULLMQ_NAME: name = '', WORKERS, LOCK_MS = '500', MAX_STALLED } = process.env;
  return {
    ...(POSTGRES_URL === undefined ? { connection: { url: REDIS_URL } } : { worker: postgresWorker }),
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
export function bullmqFromSettings(handles: boolean): EventQueue {
  const place = placeFromSettings();
  if (POSTGRES_URL === undefined) return bullmqQueue({ ...place, worker: handles });
  const queue = new Queue(place.name, { connection }, createPostgresBackend);
  return bullmqQueue({ ...place, queue, worker: handles && postgresWorker });
}
