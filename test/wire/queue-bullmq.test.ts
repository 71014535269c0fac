/** The BullMQ queue keeps what every queue promises, on a real Redis. */

import { describe, inject } from 'vitest';
import { bullmqQueue } from '../../src/bullmq.js';
import { clear, freshPlace, queueAt } from '../support/bullmq-place.js';
import { describeQueue } from './queue-suite.js';

describe.skipIf(inject('redisUrl') === '')('on Redis', () => {
  describeQueue(
    'bullmqQueue',
    () => {
      const place = freshPlace();
      return {
        queue: ({ workers, attempts = 1 }) =>
          bullmqQueue({
            ...place,
            workers,
            attempts,
            backoff: { initialMs: 1, maxMs: 1 },
            workerOptions: { stalledInterval: 1_000, lockDuration: 1_000 },
          }),
        spoil: async () => {
          const queue = queueAt(place);
          await queue.add('no event', { no: 'event' });
          await queue.close();
        },
        end: () => clear(queueAt(place)),
      };
    },
    { durable: true, bounded: false, retries: true },
  );
});
