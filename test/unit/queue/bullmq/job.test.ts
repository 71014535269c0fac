/** Events as BullMQ jobs. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobIdOf, jobOf } from '../../../../src/queue/bullmq/job.js';
import { sampleEvent } from '../../../support/queue-events.js';

describe('jobIdOf', () => {
  it('gives ids that BullMQ takes, and each event its own', () => {
    const ids = fc.uniqueArray(fc.oneof(fc.string({ minLength: 1 }), fc.nat().map(String)), { minLength: 2 });
    fc.assert(
      fc.property(ids, (list) => {
        const jobIds = list.map((id) => jobIdOf(sampleEvent(id)));
        for (const id of jobIds) {
          expect(id).not.toContain(':');
          expect(`${Number.parseInt(id, 10)}`).not.toBe(id);
        }
        expect(new Set(jobIds).size).toBe(list.length);
      }),
    );
  });

  it('is the same for every attempt to store an event', () => {
    const event = sampleEvent('0b2c');
    expect([jobIdOf(event), jobIdOf(event)]).toEqual(['event-0b2c', 'event-0b2c']);
  });
});

describe('jobOf', () => {
  it('holds the event in its list form, under the name of its command', () => {
    const event = sampleEvent('a');
    expect(jobOf(event, { attempts: 3 }, undefined)).toEqual({
      name: 'Group.CallbackAfterSendMsg',
      data: event.toJSON(),
      opts: { attempts: 3, jobId: 'event-a' },
      context: undefined,
    });
  });

  it('knows what was traced when the event came, and stores nothing of it', () => {
    const { context, data } = jobOf(sampleEvent('a'), {}, 'a trace');
    expect(context).toBe('a trace');
    expect(JSON.stringify(data)).not.toContain('a trace');
  });
});
