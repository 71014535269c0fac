/** A memory queue under test, with the consumer and the gates that go with it. */

import { expect } from 'vitest';
import { memoryQueue } from '../../src/queue/memory/memory.js';
import type { MemoryQueueOptions } from '../../src/queue/memory/options.js';
import { Gates, type Handle, Recorder } from './queue-events.js';

/** A started queue, its consumer, and gates that hold every run unless another handler is given. */
export function queueBench(options: MemoryQueueOptions = {}, handle?: Handle) {
  const gates = new Gates();
  const consumer = new Recorder(handle ?? gates.handle);
  const queue = memoryQueue(options);
  queue.start(consumer);
  return { gates, consumer, queue };
}

/** Matches a `CallbackError` with the given code. */
export const coded = (code: string): unknown => expect.objectContaining({ name: 'CallbackError', code });

/** A queue that is full with two events. */
export const SMALL = { workers: 1, capacity: 1, assist: false } as const;
