/** `kill -9` on a receiver with the disk queue, under load. */

import { describe, expect, it } from 'vitest';
import {
  type CrashReport,
  crash,
  expectOnlyBusy,
  LEAST_IN_FLIGHT,
  LEAST_UNHANDLED,
  summaryOf,
} from './harness.js';

function expectHarm(report: CrashReport): void {
  for (const kill of report.kills) {
    expect(kill.inFlight).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT);
    expect(kill.unhandled).toBeGreaterThanOrEqual(LEAST_UNHANDLED);
  }
}

describe('a receiver with the disk queue that is killed under load', () => {
  it('handles every event that it answered with 200, at least once, over 20 kills', {
    timeout: 20 * 60_000,
  }, async () => {
    const report = await crash({ queue: 'disk', kills: 20 });
    console.log(summaryOf('disk', report));
    expect(report.kills).toHaveLength(20);
    expectHarm(report);
    expect(report.lost).toEqual([]);
    expectOnlyBusy(report.refused);
  });
});

describe('the test finds out that events are lost', () => {
  it.each(['disk, acknowledged before it writes', 'disk, forgotten before it is done', 'memory'])(
    'when the queue is: %s',
    async (queue) => {
      const report = await crash({ queue, kills: 2 });
      console.log(summaryOf(queue, report));
      expectHarm(report);
      expect(report.lost.length).toBeGreaterThan(0);
    },
  );
});
