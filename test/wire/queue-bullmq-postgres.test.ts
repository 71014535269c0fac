/** The BullMQ queue on BullMQ's PostgreSQL backend keeps what every queue promises. Needs the package `pg`. */

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe } from 'vitest';
import { bullmqQueue } from '../../src/bullmq.js';
import { hasPostgres, PostgresServer } from '../support/postgres-server.js';
import { describeQueue } from './queue-suite.js';

function hasDriver(): boolean {
  try {
    createRequire(import.meta.url).resolve('pg');
    return true;
  } catch {
    return false;
  }
}

const missing = hasDriver() ? (hasPostgres() ? undefined : 'initdb and postgres') : 'the package pg';
if (missing !== undefined && (process.env['CI'] ?? '') !== '') throw new Error(`needs ${missing} in CI`);

describe.skipIf(missing !== undefined)('on PostgreSQL', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start();
  });

  afterAll(() => server.end());

  describeQueue(
    'bullmqQueue',
    async () => {
      const name = randomUUID();
      const connection = { connectionString: server.url, migrate: true };
      const queues: { close(): Promise<void> }[] = [];
      const queueAt = () => {
        const queue = new Queue(name, { connection }, createPostgresBackend);
        queues.push(queue);
        return queue;
      };
      return {
        queue: ({ workers, attempts = 1 }) =>
          bullmqQueue({
            queue: queueAt(),
            worker: (workerName, process, settings) =>
              new Worker(workerName, process, { ...settings, connection }, createPostgresBackend),
            timeoutMs: 5_000,
            workers,
            attempts,
            backoff: { initialMs: 1, maxMs: 1 },
            workerOptions: { stalledInterval: 1_000, lockDuration: 1_000 },
          }),
        spoil: async () => {
          await queueAt().add('no event', { no: 'event' });
        },
        end: async () => {
          await queueAt().obliterate({ force: true });
          await Promise.all(queues.map((queue) => queue.close()));
        },
      };
    },
    { durable: true, bounded: false, retries: true },
  );
});
