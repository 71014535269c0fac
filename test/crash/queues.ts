/** The queues of the crash tests, by name: those of this package, and some that lose events on purpose. */

import { diskQueue } from '../../src/queue/disk/disk.js';
import { memoryQueue } from '../../src/queue/memory/memory.js';
import type { EventConsumer, EventQueue } from '../../src/queue/queue.js';

/** Reads a setting of the process. @throws when it is missing. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const workers = () => Number(setting('WORKERS'));
const disk = (): EventQueue => diskQueue({ dir: setting('QUEUE_DIR'), workers: workers() });

/** How long `hasty` takes to write what it has acknowledged, in milliseconds. */
const HASTY_MS = 30;

/** Acknowledges an event before it is written. */
function hasty(queue: EventQueue): EventQueue {
  return {
    open: () => queue.open(),
    start: (consumer) => queue.start(consumer),
    enqueue: (event) => {
      setTimeout(() => void queue.enqueue(event), HASTY_MS);
    },
    stats: () => queue.stats(),
    close: (options) => queue.close(options),
  };
}

/** Says that an event is done when its handler has begun. */
export function hurried(consumer: EventConsumer): EventConsumer {
  return {
    decode: (item) => consumer.decode(item),
    report: (problem) => consumer.report(problem),
    consume: async (event, attempt) => {
      void consumer.consume(event, attempt);
    },
  };
}

/** Takes an event for done when its handler has begun. */
export function forgetful(queue: EventQueue): EventQueue {
  return {
    open: () => queue.open(),
    start: (consumer) => queue.start(hurried(consumer)),
    enqueue: (event, options) => queue.enqueue(event, options),
    stats: () => queue.stats(),
    close: (options) => queue.close(options),
  };
}

/** Its clients are loaded only where it is asked for. */
async function list(): Promise<EventQueue> {
  const { listFromSettings } = await import('./list-queues.js');
  return listFromSettings();
}

/** BullMQ is loaded only where it is asked for. */
async function bullmq(worker: boolean): Promise<EventQueue> {
  const { bullmqFromSettings } = await import('./bullmq-queues.js');
  return bullmqFromSettings(worker);
}

const queues: Readonly<Record<string, () => EventQueue | Promise<EventQueue>>> = {
  disk,
  'disk, acknowledged before it writes': () => hasty(disk()),
  'disk, forgotten before it is done': () => forgetful(disk()),
  list,
  bullmq: () => bullmq(true),
  'bullmq, web': () => bullmq(false),
  'bullmq, forgotten before it is done': async () => forgetful(await bullmq(true)),
  memory: () => memoryQueue({ workers: workers() }),
};

/** Makes the queue of this process. @throws when there is none of that name. */
export async function queueFromSettings(): Promise<EventQueue> {
  const make = queues[setting('QUEUE')];
  if (make === undefined) throw new Error(`QUEUE must be one of: ${Object.keys(queues).join('; ')}`);
  return make();
}
