/** The order that the memory queue keeps for events of one key. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MemoryQueueOptions } from '../../../../src/queue/memory/options.js';
import { byConversation } from '../../../../src/queue/order.js';
import { coded, queueBench } from '../../../support/queue-bench.js';
import { sampleEvent, settled } from '../../../support/queue-events.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('order', () => {
  const byGroup: MemoryQueueOptions = { workers: 4, capacity: 10, assist: false, orderBy: byConversation };
  const inGroup = (id: string, group: string) => sampleEvent(id, { GroupId: group });

  it('runs events of one key one after the other while other keys run', async () => {
    const { queue, gates } = queueBench(byGroup);
    for (const id of ['a1', 'a2', 'a3']) queue.enqueue(inGroup(id, 'a'));
    queue.enqueue(inGroup('b1', 'b'));
    queue.enqueue(sampleEvent('free', {}));
    await settled();
    expect(gates.waiting).toEqual(['a1', 'b1', 'free']);
    expect(queue.stats()).toMatchObject({ active: 3, queued: 2 });
    await gates.open('a1');
    expect(gates.waiting).toEqual(['b1', 'free', 'a2']);
    await gates.open('a2');
    await gates.open('a3');
    queue.enqueue(inGroup('a4', 'a'));
    await settled();
    expect(gates.waiting).toEqual(['b1', 'free', 'a4']);
  });

  it('is kept while an event waits for its retry', async () => {
    const retrying = { attempts: 2, backoff: { initialMs: 10 }, random: () => 0.5 };
    const { queue, gates, consumer } = queueBench({ ...byGroup, ...retrying });
    queue.enqueue(inGroup('a1', 'a'));
    queue.enqueue(inGroup('a2', 'a'));
    await settled();
    await gates.fail('a1');
    expect(gates.waiting).toEqual([]);
    vi.advanceTimersByTime(5);
    await settled();
    await gates.open('a1');
    await gates.open('a2');
    expect(consumer.begun).toEqual(['a1', 'a1', 'a2']);
  });

  it('goes on behind an event that is dead', async () => {
    const { queue, gates, consumer } = queueBench(byGroup);
    queue.enqueue(inGroup('a1', 'a'));
    queue.enqueue(inGroup('a2', 'a'));
    await settled();
    await gates.fail('a1');
    await gates.open('a2');
    expect(consumer.completed).toEqual(['a2']);
  });

  it('counts events that wait for their turn in the bound', () => {
    const { queue } = queueBench({ ...byGroup, workers: 1, capacity: 2 });
    for (const id of ['a1', 'a2', 'a3']) queue.enqueue(inGroup(id, 'a'));
    expect(() => queue.enqueue(inGroup('b1', 'b'))).toThrow(coded('queue_full'));
  });

  it('is that of acceptance for those who waited for room', async () => {
    const { queue, gates, consumer } = queueBench({ ...byGroup, workers: 1, capacity: 0, overflow: 'wait' });
    queue.enqueue(inGroup('a1', 'a'));
    const waiters = ['a2', 'a3'].map((id) => queue.enqueue(inGroup(id, 'a')));
    await settled();
    for (const id of ['a1', 'a2', 'a3']) await gates.open(id);
    await Promise.all(waiters);
    expect(consumer.completed).toEqual(['a1', 'a2', 'a3']);
  });

  it('cannot be kept when orderBy throws, so that the event is refused', () => {
    const cause = new Error('no key');
    const { queue } = queueBench({
      orderBy: () => {
        throw cause;
      },
    });
    expect(() => queue.enqueue(sampleEvent('a'))).toThrow(
      expect.objectContaining({ code: 'queue_failed', cause, message: 'queue_failed: orderBy threw' }),
    );
    expect(queue.stats()).toMatchObject({ accepted: 0, rejected: 1 });
  });
});
