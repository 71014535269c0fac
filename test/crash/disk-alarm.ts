/** The process of disk-alarm.test.ts: puts load on a disk queue until it is killed, and notes what it was told. */

import { appendFileSync } from 'node:fs';
import { diskQueue } from '../../src/queue/disk/disk.js';
import { Recorder, sampleEvent } from '../support/queue-events.js';
import { setting } from './queues.js';

const CALLERS = 20;
const noise = 'x'.repeat(2_000);

class Noting extends Recorder {
  override report(problem: Parameters<Recorder['report']>[0]): void {
    if (problem.kind === 'store') appendFileSync(setting('ALARMS_FILE'), `${problem.error.message}\n`);
  }
}

const consumer = new Noting(({ id }) => {
  if (id.endsWith('7')) throw new Error('no luck');
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
});
const queue = diskQueue({ dir: setting('QUEUE_DIR'), workers: 8 });
console.log('loaded');
await queue.open();
queue.start(consumer);
console.log('open');
const caller = async (name: number): Promise<void> => {
  for (let count = 0; ; count += 1) await queue.enqueue(sampleEvent(`${name}-${count}`, { noise }));
};
await Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name)));
