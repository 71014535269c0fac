/**
 * The process of disk-full.test.ts: fills a disk queue while its files may not grow any more, lifts that limit
 * at the first refusal, goes on, notes which events were accepted, and kills itself.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { diskQueue } from '../../src/queue/disk/disk.js';
import { sampleEvent } from '../support/queue-events.js';
import { setting } from './queues.js';

const ROUNDS = 60;
const CALLERS = 50;
/** Text that does not compress well, so that files reach their limit. */
const noise = (): string => Array.from({ length: 60 }, () => Math.random().toString(36)).join('');

const queue = diskQueue({ dir: setting('QUEUE_DIR') });
await queue.open();
const accepted: string[] = [];
const refused: string[] = [];

async function enqueue(id: string): Promise<void> {
  try {
    await queue.enqueue(sampleEvent(id, { GroupId: '@TGS#1', noise: noise() }));
    accepted.push(id);
  } catch {
    if (refused.length === 0) execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
    refused.push(id);
  }
}

for (let round = 0; round < ROUNDS; round += 1) {
  await Promise.all(Array.from({ length: CALLERS }, (_, caller) => enqueue(`${round}-${caller}`)));
}
writeFileSync(setting('RESULT_FILE'), JSON.stringify({ accepted, refused }));
process.kill(process.pid, 'SIGKILL');
