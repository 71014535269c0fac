/** The disk queue keeps what every queue promises. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskQueue } from '../../src/queue/disk/disk.js';
import { put } from '../../src/queue/disk/rows.js';
import { diskStore } from '../support/disk-queues.js';
import { describeQueue } from './queue-suite.js';

describeQueue(
  'diskQueue',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'disk-queue-'));
    return {
      queue: (settings) => diskQueue({ ...settings, dir, backoff: { initialMs: 1, maxMs: 1 } }),
      spoil: async () => {
        const store = diskStore(dir);
        await store.open();
        await store.write([put('event', 0, 'no event')], false);
        await store.close();
      },
      end: () => rm(dir, { recursive: true }),
    };
  },
  { durable: true, bounded: true, retries: true },
);
