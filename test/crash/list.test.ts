/** `kill -9` on a receiver with the list queue, under load. */

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshKey, ioredisClient, removeKeys, type TestClient } from '../support/redis-clients.js';
import { type CrashReport, crash, LEAST_IN_FLIGHT, LEAST_UNHANDLED, summaryOf } from './harness.js';

const url = inject('redisUrl');

function expectHarm(report: CrashReport): void {
  for (const kill of report.kills) {
    expect(kill.inFlight).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT);
    expect(kill.unhandled).toBeGreaterThanOrEqual(LEAST_UNHANDLED);
  }
}

describe.skipIf(url === '')('a receiver with the list queue that is killed under load', () => {
  const key = freshKey();
  let client: TestClient;

  beforeAll(async () => {
    client = await ioredisClient(url);
  });

  afterAll(async () => {
    await removeKeys(client, key);
    client.end();
  });

  async function crashing(queue: string, kills: number, REDIS_CLIENT: string): Promise<CrashReport> {
    await removeKeys(client, key);
    const report = await crash({ queue, kills, env: { REDIS_URL: url, REDIS_CLIENT, LIST_KEY: key } });
    console.log(summaryOf(`${queue} (${REDIS_CLIENT})`, report));
    expectHarm(report);
    return report;
  }

  it.each([
    ['ioredis', 14],
    ['redis', 6],
  ] as const)(
    'handles every event that it answered with 200, at least once: %s, %i kills',
    { timeout: 60_000 },
    async (name, kills) => {
      const report = await crashing('list', kills, name);
      expect(report.kills).toHaveLength(kills);
      expect(report.lost).toEqual([]);
      expect([...report.refused]).toEqual([]);
      // What 8 workers had at each kill.
      expect(report.repeats).toBeLessThanOrEqual(8 * kills);
    },
  );

  it.each(['list, forgotten before it is done', 'list, plain'])(
    'loses events, and this test sees it, when the queue is: %s',
    { timeout: 30_000 },
    async (queue) => {
      // From the second start on the handlers begin with events that were answered for certain.
      const report = await crashing(queue, 3, 'ioredis');
      expect(report.lost.length).toBeGreaterThan(0);
    },
  );
});
