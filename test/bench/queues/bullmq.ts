/** Subjects on BullMQ: `bullmqQueue` beside one bare `add` per event, with the same data and the same options. */

import { built } from './built.js';
import { consumerOf, Tally } from './load.js';
import { type MakeSubject, WITHIN, WORKERS } from './subject.js';

const NAME = 'im-callbacks';

/** `bullmqQueue`. @param handles whether this process also runs the worker. */
export function bullmq(handles: boolean): MakeSubject {
  return async ({ source, redisUrl }) => {
    const { bullmqQueue } = await built('bullmq');
    const tally = new Tally();
    const connection = { url: redisUrl };
    const queue = bullmqQueue({
      ...WITHIN,
      connection,
      name: NAME,
      worker: handles,
      workers: WORKERS,
    });
    await queue.open();
    queue.start(consumerOf(source, tally));
    return {
      accept: (event) => queue.enqueue(event, WITHIN),
      ...(handles ? { handled: (count: number) => tally.reach(count) } : {}),
      // What nobody handles needs no draining.
      end: () => queue.close({ timeoutMs: handles ? 5_000 : 0 }),
    };
  };
}

/** BullMQ's own `Queue`, and its `Worker`, written by hand. */
export function bareBullmq(handles: boolean): MakeSubject {
  return async ({ redisUrl }) => {
    const [{ Queue, Worker }, { BACKOFF_TYPE, jobIdOf }, defaults] = await Promise.all([
      import('bullmq'),
      built('queue/bullmq/job'),
      built('queue/bullmq/options'),
    ]);
    const connection = { url: redisUrl };
    const queue = new Queue(NAME, { connection });
    await queue.waitUntilReady();
    const tally = new Tally();
    const worker = handles ? new Worker(NAME, tally.handle, { connection, concurrency: WORKERS }) : undefined;
    return {
      accept: (event) =>
        queue.add(event.command, event.toJSON(), {
          attempts: 1,
          backoff: { type: BACKOFF_TYPE },
          removeOnComplete: defaults.BULLMQ_REMOVE_ON_COMPLETE,
          removeOnFail: defaults.BULLMQ_REMOVE_ON_FAIL,
          jobId: jobIdOf(event),
        }),
      ...(handles ? { handled: (count: number) => tally.reach(count) } : {}),
      async end() {
        await worker?.close();
        await queue.close();
      },
    };
  };
}
