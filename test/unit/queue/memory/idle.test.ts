/** Waiting until the memory queue has nothing left to do. */

import { describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../../../src/queue/memory/memory.js';
import { Gates, Recorder, sampleEvents, settled } from '../../../support/queue-events.js';

function bench() {
  const gates = new Gates();
  const queue = memoryQueue({ workers: 1, capacity: 10, assist: false });
  queue.start(new Recorder((event, attempt) => gates.handle(event, attempt)));
  return { gates, queue };
}

describe('idle', () => {
  it('resolves at once when nothing was accepted', async () => {
    await expect(bench().queue.idle()).resolves.toBeUndefined();
  });

  it('resolves when the last accepted event is done, for everybody who waits', async () => {
    const { queue, gates } = bench();
    for (const event of sampleEvents(2)) queue.enqueue(event);
    const idle = vi.fn<() => void>();
    const waiting = [queue.idle().then(idle), queue.idle().then(idle)];
    await settled();
    await gates.open('0');
    expect(idle).not.toHaveBeenCalled();
    await gates.open('1');
    await Promise.all(waiting);
    expect(idle).toHaveBeenCalledTimes(2);
  });

  it('resolves when close hands back what is not done', async () => {
    const { queue } = bench();
    for (const event of sampleEvents(1)) queue.enqueue(event);
    const idle = queue.idle();
    expect((await queue.close({ timeoutMs: 1 })).remaining).toHaveLength(1);
    await expect(idle).resolves.toBeUndefined();
  });
});
