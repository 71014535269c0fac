/** Reports of the BullMQ tier. */

import { describe, expect, it } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { QUIET_MS, Reports } from '../../../../src/queue/bullmq/reports.js';
import { Recorder } from '../../../support/queue-events.js';

describe('Reports', () => {
  it('tells nobody before there is somebody', () => {
    const reports = new Reports(() => 0);
    expect(() => reports.storeFailed(new Error('away'))).not.toThrow();
  });

  it('tells the same failure of the store again only after a while, and another one at once', () => {
    let now = 0;
    const reports = new Reports(() => now);
    const consumer = new Recorder();
    reports.listen(consumer);
    const causes = () => consumer.problems.map(({ error }) => String(error.cause));
    reports.storeFailed(new Error('away'));
    now = QUIET_MS - 1;
    reports.storeFailed(new Error('away'));
    expect(causes()).toEqual(['Error: away']);
    reports.storeFailed(new Error('full'));
    reports.storeFailed(new Error('away'));
    now += QUIET_MS;
    reports.storeFailed(new Error('away'));
    expect(causes()).toEqual(['Error: away', 'Error: full', 'Error: away', 'Error: away']);
    expect(consumer.problems[0]).toMatchObject({ kind: 'store', error: { code: 'queue_failed' } });
  });

  it('survives a consumer that throws', () => {
    const reports = new Reports(() => 0);
    const consumer = new Recorder();
    consumer.report = () => {
      throw new Error('broken');
    };
    reports.listen(consumer);
    expect(() => reports.tell({ kind: 'store', error: new CallbackError('queue_failed') })).not.toThrow();
  });
});
