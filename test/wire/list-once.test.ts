/** At most once means at most once: also when the connections that push are killed all the time. */

import { describe, expect, inject, it } from 'vitest';
import { listQueue } from '../../src/queue/list/list.js';
import { Recorder, sampleEvent } from '../support/queue-events.js';
import { CLIENTS, freshKey, removeKeys, type TestClient } from '../support/redis-clients.js';

const url = inject('redisUrl');

const CALLERS = 16;
/** Each should hit pushes whose replies are on their way. */
const KILLS = 40;
/** What is pushed between two kills, so that connections live long enough to do something. */
const PUSHES = 30;

/** Kills the connections that have pushed last; other tests have other names. */
async function killPushers(admin: TestClient, name: string): Promise<number> {
  const list = String(await admin.send('CLIENT', 'LIST'));
  const pushers = list
    .split('\n')
    .filter((line) => line.includes(` name=${name} `) && line.includes(' cmd=rpush '));
  const ids = pushers.flatMap((line) => /^id=(\d+) /.exec(line)?.[1] ?? []);
  for (const id of ids) await admin.send('CLIENT', 'KILL', 'ID', id);
  return ids.length;
}

describe.skipIf(url === '').each(Object.entries(CLIENTS))('the list queue with %s', (_, connect) => {
  it('runs no event twice, and each that it accepted, while its connections are killed', async () => {
    const key = freshKey();
    const admin = await connect(url);
    const client = await connect(url, key);
    const consumer = new Recorder();
    const queue = listQueue(client.cache(), { key, blockMs: 50 });
    await queue.open();
    queue.start(consumer);
    const accepted: string[] = [];
    let refused = 0;
    let sent = 0;
    let stopped = false;
    const caller = async (): Promise<void> => {
      while (!stopped) {
        sent += 1;
        const id = String(sent);
        try {
          await queue.enqueue(sampleEvent(id), { timeoutMs: 5_000 });
          accepted.push(id);
        } catch {
          refused += 1;
        }
      }
    };
    const calling = Promise.all(Array.from({ length: CALLERS }, caller));
    try {
      for (let kills = 0; kills < KILLS; kills += await killPushers(admin, key)) {
        const wanted = accepted.length + PUSHES;
        await expect.poll(() => accepted.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(wanted);
      }
    } finally {
      stopped = true;
      await calling;
    }
    await expect.poll(() => accepted.filter((id) => !consumer.completed.includes(id))).toEqual([]);
    await queue.close();
    expect(consumer.begun.length - new Set(consumer.begun).size).toBe(0);
    // Else it was killed when nothing was on its way.
    expect(refused).toBeGreaterThan(0);
    await removeKeys(admin, key);
    client.end();
    admin.end();
  });
});
