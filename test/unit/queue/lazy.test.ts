import { describe, expect, it, vi } from 'vitest';
import { LazyQueue, tooLate } from '../../../src/queue/lazy.js';
import type { EnqueueOptions } from '../../../src/queue/queue.js';
import { Recorder, sampleEvent } from '../../support/queue-events.js';
import { strangeQueue } from '../../support/strange-queue.js';

/** A queue whose opening ends when the test says so. */
function slowlyOpened() {
  let opened: () => void = () => undefined;
  const strange = strangeQueue({
    open: () =>
      new Promise((resolve) => {
        opened = resolve;
      }),
  });
  return { ...strange, opened: () => opened() };
}

describe('an event that comes before the queue is open', () => {
  it('opens it, and is accepted with the time that is left then', async () => {
    const enqueue = vi.fn(async (_event: unknown, _options?: EnqueueOptions) => undefined);
    const { queue, calls } = strangeQueue({ enqueue });
    const lazy = new LazyQueue(queue, new Recorder());
    const leftMs = vi.fn().mockReturnValueOnce(10).mockReturnValueOnce(7);
    await lazy.enqueue(sampleEvent('1'), { leftMs });
    expect(calls).toMatchObject({ open: 1, start: 1 });
    expect(enqueue.mock.calls[0]?.[1]).toEqual({ timeoutMs: 7 });
  });

  it('is not accepted once its time is over', async () => {
    const { queue, calls, opened } = slowlyOpened();
    let left = 10;
    const late = new LazyQueue(queue, new Recorder()).enqueue(sampleEvent('1'), { leftMs: () => left });
    left = 0;
    opened();
    await expect(late).rejects.toThrow(tooLate().message);
    expect(calls).toMatchObject({ open: 1, enqueue: 0 });
  });
});

describe('an event that comes when the queue is open', () => {
  it('is handed over at once, with the time that is left', async () => {
    const enqueue = vi.fn((_event: unknown, _options?: EnqueueOptions) => undefined);
    const lazy = new LazyQueue(strangeQueue({ enqueue }).queue, new Recorder());
    await lazy.ready();
    expect(lazy.enqueue(sampleEvent('1'), { leftMs: () => 5 })).toBeUndefined();
    expect(enqueue.mock.calls[0]?.[1]).toEqual({ timeoutMs: 5 });
  });
});
