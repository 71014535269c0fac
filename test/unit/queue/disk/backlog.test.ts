/** Events that are on disk only, and their way into memory. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backlog, READ_ROWS, REREAD_MS } from '../../../../src/queue/disk/backlog.js';
import { Ledger } from '../../../../src/queue/disk/ledger.js';
import type { Row, Rows, Span } from '../../../../src/queue/disk/rows.js';
import { settled } from '../../../support/queue-events.js';

/** A backlog on a disk of numbers, with a memory of a certain size. */
function bench(onDisk: number[] = [], memory = 1000) {
  const loaded: number[] = [];
  const world = { room: memory };
  const failed = vi.fn<(cause: unknown) => void>();
  const told = vi.fn<() => void>();
  const read = vi.fn(async ({ from, end, limit }: Span): Promise<Rows> => {
    const rows = onDisk.filter((number) => number >= from && number < end).slice(0, limit);
    const last = rows.at(-1);
    return {
      rows: rows.map((number) => ({ number, text: '' })),
      next: rows.length === limit && last !== undefined ? last + 1 : undefined,
    };
  });
  const backlog = new Backlog(new Ledger(), { read, room: () => world.room, loaded: told, failed });
  const load = ({ number }: Row) => {
    loaded.push(number);
    world.room -= 1;
  };
  return { backlog, read, loaded, load, world, failed, told };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Backlog', () => {
  it('is caught up where nothing was left, so that events can stay in memory', () => {
    const { backlog } = bench();
    backlog.found({ events: 0, next: 42 });
    expect(backlog.caughtUp).toBe(true);
    backlog.passed(42);
    expect(backlog.caughtUp).toBe(true);
    expect(backlog.size).toBe(0);
  });

  it('reads what earlier processes have left, in order, when it begins', async () => {
    const { backlog, loaded, load, told } = bench([3, 5, 8]);
    backlog.found({ events: 3, next: 9 });
    backlog.feed();
    await settled();
    expect(loaded).toEqual([]);
    backlog.begin(load);
    await settled();
    expect(loaded).toEqual([3, 5, 8]);
    expect(told).toHaveBeenCalledOnce();
    expect([backlog.caughtUp, backlog.size]).toEqual([true, 0]);
  });

  it('reads no more than there is room for, and goes on when there is room again', async () => {
    const { backlog, loaded, load, world, read } = bench(numbers(10), 4);
    backlog.found({ events: 10, next: 10 });
    backlog.begin(load);
    await settled();
    expect(loaded).toEqual([0, 1, 2, 3]);
    expect([backlog.caughtUp, backlog.size]).toEqual([false, 6]);
    world.room = 100;
    backlog.feed();
    backlog.feed();
    await settled();
    expect(loaded).toEqual(numbers(10));
    expect(read).toHaveBeenCalledTimes(2);
    expect(backlog.size).toBe(0);
  });

  it('reads a limited number of rows at a time', async () => {
    const { backlog, loaded, load, read } = bench(numbers(READ_ROWS + 1));
    backlog.found({ events: READ_ROWS + 1, next: READ_ROWS + 1 });
    backlog.begin(load);
    await settled();
    expect(loaded).toHaveLength(READ_ROWS + 1);
    expect(read.mock.calls.map(([{ limit }]) => limit)).toEqual([READ_ROWS, READ_ROWS]);
  });

  it('takes in what is accepted while events before it wait', async () => {
    const onDisk = [0, 1];
    const { backlog, loaded, load, world } = bench(onDisk, 1);
    backlog.found({ events: 2, next: 2 });
    backlog.begin(load);
    await settled();
    onDisk.push(2);
    backlog.joined(2);
    await settled();
    expect([backlog.caughtUp, backlog.size, loaded]).toEqual([false, 2, [0]]);
    world.room = 10;
    backlog.feed();
    await settled();
    expect([backlog.caughtUp, backlog.size, loaded]).toEqual([true, 0, [0, 1, 2]]);
  });

  it('counts what is accepted during a read', async () => {
    const onDisk = [0];
    const { backlog, loaded, load, read, world } = bench(onDisk);
    backlog.found({ events: 1, next: 1 });
    read.mockImplementationOnce(async () => {
      onDisk.push(1);
      backlog.joined(1);
      world.room = 1;
      return { rows: [{ number: 0, text: '' }], next: undefined };
    });
    backlog.begin(load);
    await settled();
    expect([loaded, backlog.size, backlog.caughtUp]).toEqual([[0], 1, false]);
  });

  it('passes by an event that is not to be run without reading what waits before it', () => {
    const { backlog } = bench();
    backlog.found({ events: 1, next: 1 });
    backlog.passed(1);
    expect(backlog.caughtUp).toBe(false);
  });

  it('does not wait for ever for rows that are gone, and reads rows that nobody counted', async () => {
    const fewer = bench([0]);
    fewer.backlog.found({ events: 5, next: 9 });
    fewer.backlog.begin(fewer.load);
    await settled();
    expect([fewer.backlog.size, fewer.backlog.caughtUp]).toEqual([0, true]);
    const more = bench(numbers(READ_ROWS + 5));
    more.backlog.found({ events: 1, next: 2 * READ_ROWS });
    more.backlog.begin(more.load);
    await settled();
    expect(more.loaded).toHaveLength(READ_ROWS + 5);
    expect([more.backlog.size, more.backlog.caughtUp]).toEqual([0, true]);
  });

  it('tells when it cannot read, and tries again after a while', async () => {
    const { backlog, loaded, load, read, failed } = bench([0]);
    read.mockRejectedValueOnce('broken');
    backlog.found({ events: 1, next: 1 });
    backlog.begin(load);
    await settled();
    expect(failed).toHaveBeenCalledExactlyOnceWith('broken');
    expect(loaded).toEqual([]);
    vi.advanceTimersByTime(REREAD_MS);
    await settled();
    expect(loaded).toEqual([0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends when it is stopped: during a read, during one that fails, and while it waits', async () => {
    const during = bench([0]);
    during.backlog.found({ events: 1, next: 1 });
    during.backlog.begin(during.load);
    during.backlog.stop();
    await settled();
    expect(during.loaded).toEqual([]);

    const failing = bench([0]);
    failing.read.mockRejectedValueOnce('closed');
    failing.backlog.found({ events: 1, next: 1 });
    failing.backlog.begin(failing.load);
    failing.backlog.stop();
    await settled();
    expect(failing.failed).not.toHaveBeenCalled();

    const waiting = bench([0]);
    waiting.read.mockRejectedValueOnce('broken');
    waiting.backlog.found({ events: 1, next: 1 });
    waiting.backlog.begin(waiting.load);
    await settled();
    waiting.backlog.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
