/** What the disk queue keeps of events that could not be done, and of what is no event. */

import { ClassicLevel } from 'classic-level';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { put } from '../../../../src/queue/disk/rows.js';
import { diskBench, freshDir, freshStore, until } from '../../../support/disk-queues.js';
import { coded } from '../../../support/queue-bench.js';
import { sampleEvent, sampleEvents } from '../../../support/queue-events.js';

const quick = { initialMs: 1, maxMs: 1 };
const fails = () => {
  throw new Error('no luck');
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('dead letters', () => {
  it('are kept over a restart and listed, and each can be run again with all its runs', async () => {
    const dir = freshDir();
    const onDead = vi.fn();
    const before = await diskBench({ dir, attempts: 2, backoff: quick, now: () => 99, onDead }, fails);
    for (const event of sampleEvents(3)) await before.queue.enqueue(event);
    await until(() => expect(onDead).toHaveBeenCalledTimes(3));
    expect((await before.queue.dead()).map(({ id }) => id)).toEqual(['0', '1', '2']);
    await before.queue.close();

    const { queue, consumer, gates } = await diskBench({ dir, attempts: 2, backoff: quick });
    const [, letter] = await queue.dead();
    expect(letter).toMatchObject({
      id: '1',
      event: { id: '1' },
      error: { code: 'handler_failed', message: 'Error: no luck' },
      attempts: 2,
      diedAt: new Date(99),
    });
    expect(await queue.retryDead('1')).toBe(1);
    await until(() => expect(gates.waiting).toEqual(['1']));
    await gates.fail('1');
    await until(() => expect(gates.waiting).toEqual(['1']));
    await gates.open('1');
    expect(consumer.told).toEqual(['retry 1']);
    expect((await queue.dead({ limit: 1 })).map(({ id }) => id)).toEqual(['0']);
    expect(await queue.retryDead()).toBe(2);
    await until(() => expect(gates.waiting).toEqual(['0']));
    await gates.open('0');
    await until(() => expect(gates.waiting).toEqual(['2']));
    await gates.open('2');
    expect(await queue.dead()).toEqual([]);
    expect(queue.stats()).toMatchObject({ accepted: 0, completed: 3, dead: 0 });
  });

  it('stay dead when the disk does not take their return', async () => {
    const { queue } = await diskBench({}, fails);
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(queue.stats().dead).toBe(1));
    expect(await queue.dead()).toHaveLength(1);
    vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementationOnce(() => {
      throw new Error('disk full');
    });
    await expect(queue.retryDead()).rejects.toEqual(coded('queue_failed'));
    expect(await queue.dead()).toHaveLength(1);
  });

  it('are never written over by later events', async () => {
    const dir = freshDir();
    for (const id of ['a', 'b']) {
      const { queue } = await diskBench({ dir }, fails);
      await queue.enqueue(sampleEvent(id));
      await until(() => expect(queue.stats().dead).toBe(1));
      await queue.close();
    }
    const { queue } = await diskBench({ dir });
    expect((await queue.dead()).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('what is no event', () => {
  it('is put aside as it was, reported once, and listed', async () => {
    const dir = freshDir();
    const store = await freshStore(dir);
    await store.write([put('event', 0, 'garbage')], false);
    await store.close();
    const { queue, consumer } = await diskBench({ dir, now: () => 5 });
    await until(() => expect(consumer.problems).toMatchObject([{ kind: 'invalid' }]));
    const listed = [
      { text: 'garbage', error: expect.objectContaining({ code: 'body_not_json' }), foundAt: new Date(5) },
    ];
    expect(await queue.invalid()).toEqual(listed);
    await queue.close();
    const next = await diskBench({ dir });
    expect(await next.queue.invalid()).toEqual(listed);
    expect(next.consumer.problems).toEqual([]);
  });
});
