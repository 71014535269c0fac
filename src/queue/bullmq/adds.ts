/** Hands jobs to BullMQ in the way that costs least: measured with `npm run bench -- queues`. */

import type { EventJob } from './job.js';
import type { JobQueue } from './store.js';

/**
 * Jobs that leave with one write: the store works on them while the next ones are made. For few, the wait for the
 * end of the turn costs more than their own writes.
 */
const SHARED_WRITE = { min: 16, max: 25 } as const;

/** What is used of the socket of `ioredis`. */
interface Socket {
  cork(): void;
  uncork(): void;
}

/**
 * The socket where BullMQ is on a client of `ioredis`, and is connected; not for a Cluster, which has many. BullMQ
 * calls `client` its way out to Redis; a PostgreSQL backend has none.
 */
async function socketOf(queue: JobQueue): Promise<Socket | undefined> {
  const client: unknown = await Reflect.get(queue.getBackend(), 'client');
  const stream: unknown =
    typeof client === 'object' && client !== null ? Reflect.get(client, 'stream') : undefined;
  return isSocket(stream) ? stream : undefined;
}

function isSocket(value: unknown): value is Socket {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['cork', 'uncork'].every((method) => typeof Reflect.get(value, method) === 'function')
  );
}

/**
 * Stores jobs; resolves when all of them are safe.
 *
 * `addBulk` makes a pipeline of `ioredis`, which first copies hundreds of functions: alone it takes a multiple of the
 * CPU time of an `add`, and with 50 jobs still more than 50 of them. Other backends store a bulk with one statement.
 * @param stored is told of each job that is safe before all are, by its place.
 */
export async function storeJobs(
  queue: JobQueue,
  jobs: EventJob[],
  stored: (place: number) => void,
): Promise<void> {
  const socket = await socketOf(queue);
  if (socket === undefined) await queue.addBulk(jobs);
  else await addFrom(0);

  async function addFrom(begin: number): Promise<void> {
    const part = jobs.slice(begin, begin + SHARED_WRITE.max);
    const end = begin + part.length;
    if (socket !== undefined && part.length >= SHARED_WRITE.min) {
      socket.cork();
      // BullMQ has written by then: it waits for nothing but settled promises.
      setImmediate(() => socket.uncork());
    }
    await Promise.all([
      ...part.map(async ({ name, data, opts }, place) => {
        await queue.add(name, data, opts);
        stored(begin + place);
      }),
      end < jobs.length ? nextTurn().then(() => addFrom(end)) : undefined,
    ]);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
