/** The way of events to the disk: numbers, group commit, and callers who stop waiting. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Change, put, remove } from '../../../../src/queue/disk/rows.js';
import { GroupWriter, type Outcome, REWRITE_MS } from '../../../../src/queue/disk/writer.js';
import { coded } from '../../../support/queue-bench.js';
import { settled } from '../../../support/queue-events.js';

/** A writer whose writes end when the test says so. */
function bench() {
  const groups: { changes: readonly Change[]; end: () => void; fail: (cause: unknown) => void }[] = [];
  const failed = vi.fn<(cause: unknown) => void>();
  const writer = new GroupWriter(
    (changes) => new Promise((end, fail) => void groups.push({ changes, end: () => end(), fail })),
    failed,
  );
  const outcomes: [Outcome, number][] = [];
  const told: string[] = [];
  const add = async (name: string, timeoutMs?: number) => {
    const changes = (number: number) => [put('event', number, name)];
    const ended = (outcome: Outcome, number: number) => void outcomes.push([outcome, number]);
    await writer.add({ changes, ended }, timeoutMs).then(
      () => told.push(`${name} accepted`),
      (error: unknown) => {
        expect(error).toEqual(coded('queue_failed'));
        told.push(`${name} refused`);
      },
    );
  };
  return { writer, groups, failed, outcomes, told, add };
}

const flushed = async (writer: GroupWriter) => {
  const done = vi.fn<() => void>();
  void writer.flush().then(done);
  await settled();
  return done;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('GroupWriter', () => {
  it('writes everything of one turn together and tells everybody in order', async () => {
    const { add, groups, told } = bench();
    void add('a');
    await Promise.resolve();
    void add('b');
    await settled();
    expect(groups.map(({ changes }) => changes)).toEqual([[put('event', 0, 'a'), put('event', 1, 'b')]]);
    expect(told).toEqual([]);
    groups[0]?.end();
    await settled();
    expect(told).toEqual(['a accepted', 'b accepted']);
  });

  it('keeps what comes during a write for the next one', async () => {
    const { add, writer, groups, told } = bench();
    void add('a');
    await settled();
    void add('b');
    writer.settle(1, [remove('event', 1)]);
    await settled();
    expect(groups).toHaveLength(1);
    groups[0]?.end();
    await settled();
    expect(told).toEqual(['a accepted']);
    expect(groups[1]?.changes).toEqual([remove('event', 1), put('event', 1, 'b')]);
  });

  it('tells those whose write failed, and goes on with the next', async () => {
    const { add, groups, told, failed } = bench();
    void add('a');
    await settled();
    void add('b');
    groups[0]?.fail('full');
    await settled();
    expect(told).toEqual(['a refused']);
    expect(failed).not.toHaveBeenCalled();
    groups[1]?.end();
    await settled();
    expect(told).toEqual(['a refused', 'b accepted']);
  });

  it('writes again what has become of an event, after a while', async () => {
    const { writer, groups, failed } = bench();
    writer.settle(1, [remove('event', 1)]);
    await settled();
    groups[0]?.fail('full');
    await settled();
    expect(failed).toHaveBeenCalledExactlyOnceWith('full');
    expect(writer.unsettled).toBe(1);
    expect(groups).toHaveLength(1);
    vi.advanceTimersByTime(REWRITE_MS);
    await settled();
    expect(groups[1]?.changes).toEqual([remove('event', 1)]);
    groups[1]?.end();
    await settled();
    expect(writer.unsettled).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('writes it again with the next write, if that comes earlier, and only in its latest form', async () => {
    const { add, writer, groups } = bench();
    writer.settle(1, [put('event', 1, 'one run')]);
    writer.settle(2, [remove('event', 2)]);
    await settled();
    writer.settle(1, [remove('event', 1)]);
    groups[0]?.fail('full');
    await settled();
    void add('c');
    await settled();
    expect(groups[1]?.changes).toEqual([remove('event', 1), remove('event', 2), put('event', 0, 'c')]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('writes what was settled during a write right behind it', async () => {
    const { writer, groups } = bench();
    writer.settle(1, [remove('event', 1)]);
    await settled();
    writer.settle(2, [remove('event', 2)]);
    groups[0]?.end();
    await settled();
    expect(groups[1]?.changes).toEqual([remove('event', 2)]);
  });
});

describe('numbers', () => {
  it('go on from what was found, in the order of the calls', async () => {
    const { writer, add, groups, outcomes } = bench();
    writer.found(7);
    void add('a', 1000);
    void add('b');
    await settled();
    expect([writer.arriving, writer.next]).toEqual([2, 9]);
    expect(groups[0]?.changes).toEqual([put('event', 7, 'a'), put('event', 8, 'b')]);
    groups[0]?.end();
    await settled();
    expect(outcomes).toEqual([
      ['kept', 7],
      ['kept', 8],
    ]);
    expect([writer.arriving, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a caller who stops waiting', () => {
  it.each([0, Number.NaN])(
    'is refused at once, and nothing is written, when the time is %s',
    async (time) => {
      const { writer, add, groups, told, outcomes } = bench();
      await add('a', time);
      await settled();
      expect([told, groups, outcomes, writer.arriving]).toEqual([['a refused'], [], [['refused', 0]], 0]);
    },
  );

  it('before the event is being written takes it back', async () => {
    const { writer, add, groups, told, outcomes } = bench();
    void add('a');
    await settled();
    void add('b', 50);
    vi.advanceTimersByTime(50);
    groups[0]?.end();
    await settled();
    expect(told).toEqual(['b refused', 'a accepted']);
    expect(outcomes).toEqual([
      ['refused', 1],
      ['kept', 0],
    ]);
    expect([groups.length, writer.arriving]).toEqual([1, 0]);
  });

  it('while it is being written is refused, and the event has nobody who was told of it', async () => {
    const { writer, add, groups, told, outcomes } = bench();
    void add('a', 50);
    await settled();
    vi.advanceTimersByTime(50);
    await settled();
    expect([told, outcomes, writer.arriving]).toEqual([['a refused'], [], 1]);
    groups[0]?.end();
    await settled();
    expect([told, outcomes, writer.arriving]).toEqual([['a refused'], [['abandoned', 0]], 0]);
  });

  it('is refused once when the write fails after that', async () => {
    const { add, groups, told, outcomes } = bench();
    void add('a', 50);
    await settled();
    vi.advanceTimersByTime(50);
    groups[0]?.fail('full');
    await settled();
    expect([told, outcomes]).toEqual([['a refused'], [['refused', 0]]]);
  });
});

describe('flush', () => {
  it('resolves at once when nothing is to be written', async () => {
    const { writer } = bench();
    expect(await flushed(writer)).toHaveBeenCalledOnce();
  });

  it('waits for what is being written and what comes behind it, and for no more', async () => {
    const { add, writer, groups } = bench();
    void add('a');
    await settled();
    void add('b');
    const done = await flushed(writer);
    groups[0]?.end();
    await settled();
    expect(done).not.toHaveBeenCalled();
    void add('c');
    groups[1]?.end();
    await settled();
    expect(done).toHaveBeenCalledOnce();
  });

  it('waits for a write that runs when nothing comes behind it', async () => {
    const { add, writer, groups } = bench();
    void add('a');
    await settled();
    const done = await flushed(writer);
    expect(done).not.toHaveBeenCalled();
    groups[0]?.end();
    await settled();
    expect(done).toHaveBeenCalledOnce();
    expect(groups).toHaveLength(1);
  });

  it('tries again what failed before, and gives up when it fails again', async () => {
    const { writer, groups } = bench();
    writer.settle(1, [remove('event', 1)]);
    await settled();
    groups[0]?.fail('full');
    await settled();
    const done = await flushed(writer);
    expect(done).not.toHaveBeenCalled();
    groups[1]?.fail('full');
    await settled();
    expect(done).toHaveBeenCalledOnce();
  });
});

describe('stop', () => {
  it('ends the repetitions, and nobody waits any more', async () => {
    const { writer, groups } = bench();
    writer.settle(1, [remove('event', 1)]);
    await settled();
    groups[0]?.fail('full');
    await settled();
    writer.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(await flushed(writer)).toHaveBeenCalledOnce();
    expect(groups).toHaveLength(1);
  });

  it('lets a write end that runs, and none come behind it', async () => {
    const { writer, groups } = bench();
    writer.settle(1, [remove('event', 1)]);
    await settled();
    writer.stop();
    groups[0]?.fail('full');
    await settled();
    expect(vi.getTimerCount()).toBe(0);
    expect(groups).toHaveLength(1);
  });
  it('refuses what comes later, which nobody would write', async () => {
    const { writer } = bench();
    writer.stop();
    const arrival = { changes: () => [], ended: () => undefined };
    await expect(writer.add(arrival)).rejects.toEqual(coded('closing'));
    expect(writer.arriving).toBe(0);
  });
});
