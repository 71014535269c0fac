/** Subjects that need no server: the queue in memory beside fastq, and the queue on disk. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from './built.js';
import { consumerOf, Tally } from './load.js';
import { type MakeSubject, WITHIN, WORKERS } from './subject.js';

/** `memoryQueue` as it is by default. */
export const memory: MakeSubject = async ({ source }) => {
  const { memoryQueue } = await built('queue/memory/memory');
  const queue = memoryQueue({ workers: WORKERS });
  await queue.open();
  queue.start(consumerOf(source, new Tally()));
  return {
    accepts: 'at once',
    accept: (event) => queue.enqueue(event, WITHIN),
    handled: () => queue.idle(),
    end: () => queue.close(),
  };
};

/** The pool that one would take otherwise. */
export const fastqPromise: MakeSubject = async () => {
  const { default: fastq } = await import('fastq');
  const queue = fastq.promise(new Tally().handle, WORKERS);
  return {
    accepts: 'at once',
    accept: (event) => queue.push(event),
    handled: () => queue.drained(),
    end: () => queue.drained(),
  };
};

/** `diskQueue` in a directory of its own. */
export function disk(sync: boolean): MakeSubject {
  return async ({ source }) => {
    const { diskQueue } = await built('disk');
    const dir = await mkdtemp(join(tmpdir(), 'queues-bench-'));
    const tally = new Tally();
    const queue = diskQueue({ dir, sync, workers: WORKERS });
    await queue.open();
    queue.start(consumerOf(source, tally));
    return {
      accept: (event) => queue.enqueue(event, WITHIN),
      handled: (count) => tally.reach(count),
      async end() {
        await queue.close();
        await rm(dir, { recursive: true });
      },
    };
  };
}
