/** Jobs on their way into BullMQ: which call, and in whose trace. */

import type { Telemetry } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { type EventJob, jobOf } from '../../../../src/queue/bullmq/job.js';
import { type JobQueue, storeJobs } from '../../../../src/queue/bullmq/store.js';
import { sampleEvent } from '../../../support/queue-events.js';
import { storeTelemetry } from '../../../support/telemetry.js';

const job = (id: string, context?: string): EventJob => jobOf(sampleEvent(id), { attempts: 3 }, context);

/** A queue that tells what it was asked. */
function queueWith(telemetry?: Telemetry<string | undefined>) {
  const calls: unknown[] = [];
  const queue = {
    opts: { telemetry },
    async add(name: string, data: EventJob['data'], opts: EventJob['opts']) {
      calls.push(['add', name, data.Id, opts, telemetry?.contextManager.active()]);
    },
    async addBulk(jobs: EventJob[]) {
      calls.push(['addBulk', ...jobs.map(({ name, data, opts }) => [name, data.Id, opts])]);
    },
  };
  return { queue: queue as unknown as JobQueue, calls };
}

const COMMAND = 'Group.CallbackAfterSendMsg';

describe('storeJobs', () => {
  it('adds one job alone, and several in bulk', async () => {
    const { queue, calls } = queueWith();
    await storeJobs(queue, [job('a')]);
    await storeJobs(queue, [job('b'), job('c')]);
    expect(calls).toEqual([
      ['add', COMMAND, 'a', { attempts: 3, jobId: 'event-a' }, undefined],
      [
        'addBulk',
        [COMMAND, 'b', { attempts: 3, jobId: 'event-b' }],
        [COMMAND, 'c', { attempts: 3, jobId: 'event-c' }],
      ],
    ]);
  });

  it('adds each job in the trace of its own request, whoever calls', async () => {
    const telemetry = storeTelemetry();
    const { queue, calls } = queueWith(telemetry);
    await telemetry.contextManager.with('of somebody else', async () => {
      await storeJobs(queue, [job('a', 'trace a')]);
      await storeJobs(queue, [job('b', 'trace b'), job('c')]);
    });
    expect(calls).toEqual([
      ['add', COMMAND, 'a', { attempts: 3, jobId: 'event-a' }, 'trace a'],
      [
        'addBulk',
        [COMMAND, 'b', { attempts: 3, jobId: 'event-b', telemetry: { metadata: 'trace b' } }],
        [COMMAND, 'c', { attempts: 3, jobId: 'event-c', telemetry: { metadata: '' } }],
      ],
    ]);
  });
});
