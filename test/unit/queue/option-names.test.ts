import { expect, it } from 'vitest';
import { memoryDedupeStore } from '../../../src/dedupe/memory-store.js';
import { redisDedupeStore } from '../../../src/dedupe/redis-store.js';
import { qcloudIm } from '../../../src/fetch.js';
import { bullmqQueue } from '../../../src/queue/bullmq/bullmq.js';
import { createWorker } from '../../../src/queue/bullmq/worker.js';
import { diskQueue } from '../../../src/queue/disk/disk.js';
import { ioredisCache } from '../../../src/queue/list/ioredis.js';
import { listQueue } from '../../../src/queue/list/list.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import { MemoryListStore } from '../../support/list-store.js';
import { baseOptions } from '../../support/requests.js';

/** As JavaScript users write them. */
const options = (value: object) => value as never;
const client = { duplicate: () => client, call: async () => null };

it.each<[string, () => unknown, string]>([
  [
    'memoryQueue',
    () => memoryQueue(options({ attempt: 5 })),
    'memoryQueue has no option attempt; did you mean attempts?',
  ],
  ['its assist', () => memoryQueue(options({ assist: { maximum: 5 } })), 'assist has no option maximum'],
  [
    'its backoff',
    () => memoryQueue(options({ backoff: { initial: 5 } })),
    'backoff has no option initial; did you mean initialMs?',
  ],
  [
    'diskQueue',
    () => diskQueue(options({ dir: 'd', fsync: true })),
    'diskQueue has no option fsync; did you mean sync?',
  ],
  [
    'listQueue',
    () => listQueue(new MemoryListStore(), options({ key: 'k', worker: 1 })),
    'listQueue has no option worker; did you mean workers?',
  ],
  [
    'listQueue, which keeps no order',
    () => listQueue(new MemoryListStore(), options({ key: 'k', orderBy: () => 'x' })),
    'listQueue has no option orderBy',
  ],
  [
    'its cache',
    () => ioredisCache(client as never, options({ stall: 1 })),
    'the cache of listQueue has no option stall; did you mean stallMs?',
  ],
  [
    'bullmqQueue',
    () => bullmqQueue(options({ connection: {}, concurrency: 8 })),
    'bullmqQueue has no option concurrency',
  ],
  [
    'bullmqQueue, too',
    () => bullmqQueue(options({ connection: {}, attempt: 8 })),
    'bullmqQueue has no option attempt; did you mean attempts?',
  ],
  [
    'createWorker',
    () => createWorker({} as never, options({ connection: {}, attempts: 8 })),
    'createWorker has no option attempts',
  ],
  [
    'memoryDedupeStore',
    () => memoryDedupeStore(options({ maximum: 1 })),
    'memoryDedupeStore has no option maximum',
  ],
  [
    'redisDedupeStore',
    () => redisDedupeStore(client, options({ prefx: 'x' })),
    'redisDedupeStore has no option prefx; did you mean prefix?',
  ],
  [
    'the fetch entry',
    () => qcloudIm(baseOptions, options({ backgrund: true })),
    'has no option backgrund; did you mean background?',
  ],
])('%s refuses an option that it does not know', (_, make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(expect.objectContaining({ code: 'option_unknown' }));
});
