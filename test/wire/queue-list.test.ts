/** The list queue keeps what every queue promises, with both clients. */

import { describe, inject } from 'vitest';
import { listQueue } from '../../src/queue/list/list.js';
import { CLIENTS, freshKey, removeKeys } from '../support/redis-clients.js';
import { describeQueue } from './queue-suite.js';

const url = inject('redisUrl');

describe.skipIf(url === '')('on real Redis', () => {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    describeQueue(
      `listQueue, ${name}`,
      async () => {
        const client = await connect(url);
        const key = freshKey();
        return {
          queue: ({ workers, attempts = 1, capacity }) =>
            listQueue(client.cache(), {
              key,
              workers,
              attempts,
              // Before it is started, what workers would have is on the list as well.
              ...(capacity === undefined ? {} : { capacity: capacity + workers }),
              backoff: { initialMs: 1, maxMs: 1 },
              blockMs: 50,
            }),
          spoil: async () => {
            await client.send('RPUSH', key, 'no event');
          },
          end: async () => {
            await removeKeys(client, key);
            client.end();
          },
        };
      },
      { durable: true, bounded: true, retries: true, leaves: true },
    );
  }
});
