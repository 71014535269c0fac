/** The way of an event to the disk, and callers who stop waiting. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { Intake, type Outcome } from '../../../../src/queue/disk/intake.js';
import { type Change, put } from '../../../../src/queue/disk/store.js';
import { GroupWriter } from '../../../../src/queue/disk/writer.js';
import type { EnqueueOptions } from '../../../../src/queue/queue.js';
import { coded } from '../../../support/queue-bench.js';
import { settled } from '../../../support/queue-events.js';

function bench() {
  const groups: { changes: readonly Change[]; end: () => void; fail: (cause: unknown) => void }[] = [];
  const write = (changes: readonly Change[]) =>
    new Promise<void>((end, fail) => void groups.push({ changes, end, fail }));
  const ended = vi.fn<() => void>();
  const intake = new Intake(new GroupWriter(write, () => undefined), ended);
  const outcomes: [Outcome, number][] = [];
  const results: string[] = [];
  const add = async (name: string, options: EnqueueOptions = {}) => {
    const arrival = {
      changes: (number: number) => [put('event', number, name)],
      refuse: (why: object) => new CallbackError('queue_failed', why),
      ended: (outcome: Outcome, number: number) => void outcomes.push([outcome, number]),
    };
    await intake.add(arrival, options).then(
      () => results.push(`${name} accepted`),
      (error: unknown) => {
        expect(error).toEqual(coded('queue_failed'));
        results.push(`${name} refused`);
      },
    );
  };
  return { intake, add, groups, ended, outcomes, results };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('Intake', () => {
  it('numbers events from what was found, and accepts them when they are written', async () => {
    const { intake, add, groups, ended, outcomes, results } = bench();
    intake.found(7);
    void add('a', { timeoutMs: 1000, signal: new AbortController().signal });
    void add('b');
    await settled();
    expect([results, intake.writing, intake.next]).toEqual([[], 2, 9]);
    expect(groups[0]?.changes).toEqual([put('event', 7, 'a'), put('event', 8, 'b')]);
    groups[0]?.end();
    await settled();
    expect(results).toEqual(['a accepted', 'b accepted']);
    expect(outcomes).toEqual([
      ['kept', 7],
      ['kept', 8],
    ]);
    expect(ended).toHaveBeenCalledTimes(2);
    expect(intake.writing).toBe(0);
  });

  it('refuses those whose write failed', async () => {
    const { intake, add, groups, outcomes, results } = bench();
    void add('a', { timeoutMs: 1000 });
    await settled();
    groups[0]?.fail('full');
    await settled();
    expect(results).toEqual(['a refused']);
    expect(outcomes).toEqual([['refused', 0]]);
    expect(intake.writing).toBe(0);
  });

  it.each([
    ['whose time is over', { timeoutMs: 0 }],
    ['whose time is no number', { timeoutMs: Number.NaN }],
    ['who has gone', { signal: AbortSignal.abort() }],
  ])('writes nothing for a caller %s', async (_, options) => {
    const { intake, add, groups, results, outcomes } = bench();
    await add('a', options);
    await settled();
    expect([results, groups, outcomes, intake.writing]).toEqual([['a refused'], [], [], 0]);
  });

  it('takes an event back whose caller leaves before it is being written', async () => {
    const { intake, add, groups, results, outcomes } = bench();
    const caller = new AbortController();
    void add('a', { signal: caller.signal });
    caller.abort();
    await settled();
    expect([results, groups, outcomes, intake.writing]).toEqual([['a refused'], [], [['refused', 0]], 0]);
  });

  it('says of an event whose time is over during the write that nobody was told of it', async () => {
    const { intake, add, groups, results, outcomes } = bench();
    void add('a', { timeoutMs: 50 });
    await settled();
    vi.advanceTimersByTime(50);
    await settled();
    expect([results, outcomes, intake.writing]).toEqual([['a refused'], [], 1]);
    groups[0]?.end();
    await settled();
    expect([results, outcomes, intake.writing]).toEqual([['a refused'], [['abandoned', 0]], 0]);
  });

  it('refuses once when the write fails after that', async () => {
    const { add, groups, results, outcomes } = bench();
    void add('a', { timeoutMs: 50 });
    await settled();
    vi.advanceTimersByTime(50);
    groups[0]?.fail('full');
    await settled();
    expect([results, outcomes]).toEqual([['a refused'], [['refused', 0]]]);
  });

  it('no longer listens to a signal when the event is written', async () => {
    const { add, groups, results } = bench();
    const caller = new AbortController();
    void add('a', { signal: caller.signal });
    await settled();
    groups[0]?.end();
    await settled();
    caller.abort();
    await settled();
    expect(results).toEqual(['a accepted']);
  });
});
