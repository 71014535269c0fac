/** What "at most once" is worth: a receiver with the list queue is killed, and stopped, under load. */

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { freshKey, ioredisClient, removeKeys, type TestClient } from '../support/redis-clients.js';
import {
  type CrashPlan,
  type CrashReport,
  crash,
  LEAST_IN_FLIGHT,
  LEAST_UNHANDLED,
  summaryOf,
  WORKERS,
} from './harness.js';

const url = inject('redisUrl');
const ENDS = 5;

describe.skipIf(url === '')('a receiver with the list queue under load', () => {
  let key: string;
  let client: TestClient;

  beforeEach(async () => {
    key = freshKey();
    client = await ioredisClient(url);
  });

  afterEach(async () => {
    await removeKeys(client, key);
    client.end();
  });

  async function crashing(
    name: string,
    signal: NonNullable<CrashPlan['signal']>,
    env: CrashPlan['env'] = {},
  ): Promise<CrashReport> {
    const settings = { REDIS_URL: url, REDIS_CLIENT: name, LIST_KEY: key, ...env };
    const report = await crash({ queue: 'list', kills: ENDS, signal, env: settings });
    console.log(summaryOf(`list, ${name}, ${signal}`, report));
    for (const kill of report.kills) {
      expect(kill.inFlight).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT);
      expect(kill.unhandled).toBeGreaterThanOrEqual(LEAST_UNHANDLED);
    }
    expect(report.repeats).toBe(0);
    expect(await client.send('LLEN', key)).toBe(0);
    return report;
  }

  describe.each(['ioredis', 'redis'])('with %s', (name) => {
    it('loses what its workers had when it is killed, and nothing else', { timeout: 60_000 }, async () => {
      const { lost } = await crashing(name, 'SIGKILL');
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThanOrEqual(ENDS * WORKERS);
    });

    it('loses nothing when it is stopped by close, which has no time for its handlers', {
      timeout: 60_000,
    }, async () => {
      const { lost } = await crashing(name, 'SIGTERM', { CLOSE_MS: '30' });
      expect(lost).toEqual([]);
    });
  });
});
