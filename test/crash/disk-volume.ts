/**
 * The processes of disk-volume.test.ts. `fill`: accepts events until the volume is full, notes how many, and kills
 * itself. `work off`: handles them, and accepts another one.
 */

import { writeFileSync } from 'node:fs';
import { diskQueue } from '../../src/queue/disk/disk.js';
import { Recorder, sampleEvent } from '../support/queue-events.js';
import { setting } from './queues.js';

const CALLERS = 50;
const noise = (): string => Array.from({ length: 100 }, () => Math.random().toString(36)).join('');
const result = (value: unknown): void => writeFileSync(setting('RESULT_FILE'), JSON.stringify(value));

const queue = diskQueue({ dir: setting('QUEUE_DIR') });
await queue.open();

if (setting('TASK') === 'fill') {
  let accepted = 0;
  const codes = new Set<string>();
  const caller = async (name: number): Promise<void> => {
    for (let count = 0; codes.size === 0; count += 1) {
      try {
        await queue.enqueue(sampleEvent(`${name}-${count}`, { noise: noise() }));
        accepted += 1;
      } catch (thrown) {
        codes.add(String(Reflect.get(Object(thrown), 'code')));
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name)));
  result({ accepted, codes: [...codes] });
  process.kill(process.pid, 'SIGKILL');
}

const consumer = new Recorder();
queue.start(consumer);
while (queue.stats().queued + queue.stats().active > 0)
  await new Promise((resolve) => setTimeout(resolve, 20));
// The volume is full until LevelDB has made room.
const refused = async () => {
  try {
    await queue.enqueue(sampleEvent('new'));
    return false;
  } catch {
    return true;
  }
};
while (await refused()) await new Promise((resolve) => setTimeout(resolve, 20));
const closed = await queue.close();
const problems = consumer.problems.map(({ error }) => `${error.message}: ${String(error.cause)}`);
result({ handled: new Set(consumer.completed).size, timedOut: closed.timedOut, problems });
