/** A real memory queue in which single verbs behave otherwise. */

import { memoryQueue } from '../../src/queue/memory/memory.js';
import type { MemoryQueueOptions } from '../../src/queue/memory/options.js';
import type { EventQueue } from '../../src/queue/queue.js';

/** The verbs of a memory queue, with some of them replaced; counts how often each was called. */
export function strangeQueue(
  changes: Partial<EventQueue> = {},
  options: MemoryQueueOptions = {},
): {
  readonly queue: EventQueue;
  readonly calls: Readonly<Record<'open' | 'start' | 'enqueue' | 'close', number>>;
} {
  const real = memoryQueue(options);
  const calls = { open: 0, start: 0, enqueue: 0, close: 0 };
  const queue: EventQueue = {
    open() {
      calls.open++;
      return (changes.open ?? (() => real.open()))();
    },
    start(consumer) {
      calls.start++;
      (changes.start ?? ((given) => real.start(given)))(consumer);
    },
    enqueue(event, bounds) {
      calls.enqueue++;
      return (changes.enqueue ?? ((given, more) => real.enqueue(given, more)))(event, bounds);
    },
    stats: () => real.stats(),
    close(bounds) {
      calls.close++;
      return (changes.close ?? ((given) => real.close(given)))(bounds);
    },
    ...(changes.idle === undefined ? {} : { idle: changes.idle }),
    ...(changes.health === undefined ? {} : { health: changes.health }),
  };
  return { queue, calls };
}
