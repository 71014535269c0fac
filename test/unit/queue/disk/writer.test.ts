/** Group commit. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Change, put, remove } from '../../../../src/queue/disk/store.js';
import { GroupWriter, REWRITE_MS } from '../../../../src/queue/disk/writer.js';
import { settled } from '../../../support/queue-events.js';

/** A writer whose writes end when the test says so. */
function bench() {
  const groups: { changes: readonly Change[]; end: () => void; fail: (cause: unknown) => void }[] = [];
  const failed = vi.fn<(cause: unknown) => void>();
  const writer = new GroupWriter(
    (changes) => new Promise((end, fail) => void groups.push({ changes, end: () => end(), fail })),
    failed,
  );
  const told: string[] = [];
  const add = (name: string, number: number) => {
    const write = {
      changes: [put('event', number, name)],
      written: () => void told.push(`${name} written`),
      failed: (cause: unknown) => void told.push(`${name} failed: ${String(cause)}`),
    };
    writer.add(write);
    return write;
  };
  return { writer, groups, failed, told, add };
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
    add('a', 1);
    await Promise.resolve();
    add('b', 2);
    await settled();
    expect(groups.map(({ changes }) => changes)).toEqual([[put('event', 1, 'a'), put('event', 2, 'b')]]);
    expect(told).toEqual([]);
    groups[0]?.end();
    await settled();
    expect(told).toEqual(['a written', 'b written']);
  });

  it('keeps what comes during a write for the next one', async () => {
    const { add, writer, groups, told } = bench();
    add('a', 1);
    await settled();
    add('b', 2);
    writer.settle(1, [remove('event', 1)]);
    await settled();
    expect(groups).toHaveLength(1);
    groups[0]?.end();
    await settled();
    expect(told).toEqual(['a written']);
    expect(groups[1]?.changes).toEqual([remove('event', 1), put('event', 2, 'b')]);
  });

  it('can be asked to leave something out until it is being written', async () => {
    const { add, writer, groups } = bench();
    const a = add('a', 1);
    expect(writer.cancel(a)).toBe(true);
    await settled();
    expect(groups).toHaveLength(0);
    const b = add('b', 2);
    await settled();
    expect(writer.cancel(b)).toBe(false);
  });

  it('tells those whose write failed, and goes on with the next', async () => {
    const { add, groups, told, failed } = bench();
    add('a', 1);
    await settled();
    add('b', 2);
    groups[0]?.fail('full');
    await settled();
    expect(told).toEqual(['a failed: full']);
    expect(failed).not.toHaveBeenCalled();
    groups[1]?.end();
    await settled();
    expect(told).toEqual(['a failed: full', 'b written']);
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
    add('c', 3);
    await settled();
    expect(groups[1]?.changes).toEqual([remove('event', 1), remove('event', 2), put('event', 3, 'c')]);
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

describe('flush', () => {
  it('resolves at once when nothing is to be written', async () => {
    const { writer } = bench();
    expect(await flushed(writer)).toHaveBeenCalledOnce();
  });

  it('waits for what is being written and what comes behind it, and for no more', async () => {
    const { add, writer, groups } = bench();
    add('a', 1);
    await settled();
    add('b', 2);
    const done = await flushed(writer);
    groups[0]?.end();
    await settled();
    expect(done).not.toHaveBeenCalled();
    add('c', 3);
    groups[1]?.end();
    await settled();
    expect(done).toHaveBeenCalledOnce();
  });

  it('waits for a write that runs when nothing comes behind it', async () => {
    const { add, writer, groups } = bench();
    add('a', 1);
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
});
