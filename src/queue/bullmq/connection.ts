/** Makes BullMQ's own queue and worker on Redis, so that nothing waits for a Redis that is away. */

import { type ConnectionOptions, Queue, type Telemetry, Worker } from 'bullmq';
import type { JobQueue, WorkerFactory } from './store.js';

/** The longest pause between two attempts to reconnect; BullMQ's own 20 s would be an outage of its own. */
const RECONNECT_MS = 1_000;

/** Which queue, and how its calls are bounded. */
interface QueuePlan {
  readonly name: string;
  readonly connection: ConnectionOptions | undefined;
  readonly prefix: string | undefined;
  readonly telemetry: Telemetry | undefined;
  readonly timeoutMs: number;
}

function retryStrategy(times: number): number {
  return Math.min(RECONNECT_MS, 50 * 2 ** times);
}

/** A client that exists already keeps its own settings. */
function withDefaults(connection: ConnectionOptions | undefined, defaults: object): ConnectionOptions {
  if (connection !== undefined && 'duplicate' in connection) return connection;
  return { retryStrategy, ...defaults, ...connection };
}

/** A queue whose calls fail when Redis is away, where BullMQ's usual one would wait for ever. */
export function makeQueue({ name, connection, prefix, telemetry, timeoutMs }: QueuePlan): JobQueue {
  return new Queue(name, {
    connection: withDefaults(connection, { enableOfflineQueue: false, commandTimeout: timeoutMs }),
    // Without these two, the first `add` waits until Redis has been there once.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    ...(prefix === undefined ? {} : { prefix }),
    ...(telemetry === undefined ? {} : { telemetry }),
  });
}

/** Makes workers on Redis. */
export function makeWorkerWith(
  connection: ConnectionOptions | undefined,
  prefix: string | undefined,
): WorkerFactory {
  return (name, process, settings) =>
    new Worker(name, process, {
      ...settings,
      // What a worker has done must be stored, however long Redis is away.
      connection: withDefaults(connection, { maxRetriesPerRequest: null }),
      ...(prefix === undefined ? {} : { prefix }),
    });
}
