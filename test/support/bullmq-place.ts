/** A BullMQ queue's place in the Redis of the test run, fresh for each test, and gone after it. */

import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { inject } from 'vitest';

/** What `bullmqQueue` and `createWorker` take. */
export interface Place {
  readonly connection: { readonly url: string };
  readonly name: string;
  readonly prefix: string;
}

/** A place that nobody else uses. */
export function freshPlace(): Place {
  return { connection: { url: inject('redisUrl') }, name: randomUUID(), prefix: 'qcloud-im-test' };
}

/** BullMQ's own view of a place. */
export function queueAt({ name, ...options }: Place): Queue {
  return new Queue(name, options);
}

/** Removes everything at a place, and closes the view of it. */
export async function clear(queue: Queue): Promise<void> {
  await queue.obliterate({ force: true });
  await queue.close();
}
