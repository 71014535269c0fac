/** The memory queue keeps what every queue promises. */

import { memoryQueue } from '../../src/queue/memory/memory.js';
import { describeQueue } from './queue-suite.js';

describeQueue(
  'memoryQueue',
  () => ({
    queue: (settings) => memoryQueue({ ...settings, assist: false, backoff: { initialMs: 1, maxMs: 1 } }),
    end: async () => undefined,
  }),
  { durable: false, bounded: true, retries: true },
);
