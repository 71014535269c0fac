/** The events of the disk queue that are in memory. */

import { describe, expect, it, vi } from 'vitest';
import { type DiskQueueOptions, resolveDiskOptions } from '../../../../src/queue/disk/options.js';
import { waitingText } from '../../../../src/queue/disk/record.js';
import { DiskRuns, WINDOW_CHARS, WINDOW_EVENTS } from '../../../../src/queue/disk/runs.js';
import { put, remove } from '../../../../src/queue/disk/store.js';
import type { QueueProblem } from '../../../../src/queue/queue.js';
import { Gates, type Handle, Recorder, sampleEvent, settled } from '../../../support/queue-events.js';

function bench(options: Partial<DiskQueueOptions> = {}, handle?: Handle) {
  const gates = new Gates();
  const consumer = new Recorder(handle ?? gates.handle);
  const settle = vi.fn<(number: number, changes: unknown) => void>();
  const ended = vi.fn<() => void>();
  const problems: QueueProblem[] = [];
  const runs = new DiskRuns(
    resolveDiskOptions({ dir: 'd', workers: 1, backoff: { initialMs: 1, maxMs: 1 }, ...options }),
    { settle, ended, tell: (problem) => void problems.push(problem) },
  );
  const take = (number: number, size = 1) =>
    runs.take({ number, event: sampleEvent(String(number)), attempts: 0, size });
  return { runs, consumer, gates, settle, ended, problems, take };
}

describe('DiskRuns', () => {
  it('removes the row of an event that is done', async () => {
    const { runs, consumer, settle, ended, take, gates } = bench();
    runs.start(consumer);
    take(7);
    await settled();
    expect(runs).toMatchObject({ size: 1, active: 1, waiting: 0, oldest: { id: '7' } });
    await gates.open('7');
    expect(settle.mock.calls).toEqual([[7, [remove('event', 7)]]]);
    expect(ended).toHaveBeenCalledOnce();
    expect(runs).toMatchObject({ size: 0, active: 0, completed: 1, oldest: undefined });
  });

  it('writes how often an event has failed, and puts it aside after the last run', async () => {
    const onDead = vi.fn();
    const { runs, consumer, settle, problems, take } = bench({ attempts: 2, now: () => 5, onDead }, () => {
      throw new Error('no luck');
    });
    runs.start(consumer);
    take(7);
    await vi.waitFor(() => expect(runs.dead).toBe(1));
    const [[, first] = [], [, second] = []] = settle.mock.calls;
    expect(first).toEqual([put('event', 7, expect.stringContaining('"Attempts":1'))]);
    expect(second).toEqual([remove('event', 7), put('dead', 7, expect.stringContaining('"PutAsideAt":5'))]);
    expect(problems.map(({ kind, attempt }) => [kind, attempt])).toEqual([
      ['retry', 1],
      ['dead', 2],
    ]);
    expect(onDead).toHaveBeenCalledOnce();
    expect(runs).toMatchObject({ failed: 2, retried: 1, size: 0 });
  });

  it('goes on with the count of an earlier process', async () => {
    const attempts: number[] = [];
    const { runs, consumer } = bench({ attempts: 3 }, (_, { attempt }) => void attempts.push(attempt));
    runs.load({ number: 7, text: waitingText(sampleEvent('a'), 2) }, consumer);
    runs.start(consumer);
    await settled();
    expect(attempts).toEqual([3]);
  });

  it('reports that onDead failed', async () => {
    const onDead = async () => {
      throw new Error('mail is down');
    };
    const { runs, consumer, problems, take } = bench({ onDead }, () => {
      throw new Error('no luck');
    });
    runs.start(consumer);
    take(7);
    await vi.waitFor(() => expect(problems).toHaveLength(2));
    expect(problems[1]).toMatchObject({ kind: 'store', error: { code: 'queue_failed' } });
  });

  it('puts aside a row that is no event, and one that the consumer does not take', async () => {
    const { runs, consumer, settle, problems } = bench({ now: () => 5 });
    runs.load({ number: 3, text: '{' }, consumer);
    runs.load({ number: 4, text: '{"Id":4}' }, consumer);
    expect(problems.map(({ kind, error }) => [kind, error.code])).toEqual([
      ['invalid', 'body_not_json'],
      ['invalid', 'body_not_json'],
    ]);
    expect(settle.mock.calls.map(([number, changes]) => [number, changes])).toEqual([
      [3, [remove('event', 3), put('invalid', 3, expect.stringContaining('"Text":"{"'))]],
      [4, [remove('event', 4), put('invalid', 4, expect.stringContaining('"PutAsideAt":5'))]],
    ]);
    expect(runs.size).toBe(0);
  });

  it('runs events of one key in order, and reports an order that cannot be told', async () => {
    const orderBy = ({ id }: { id: string }) => {
      if (id === '9') throw new Error('no key');
      return id === '3' ? undefined : 'same';
    };
    const { runs, consumer, gates, problems, take } = bench({ workers: 3, orderBy });
    runs.start(consumer);
    for (const number of [1, 2, 3, 9]) take(number);
    await settled();
    expect(consumer.begun).toEqual(['1', '3', '9']);
    expect(problems).toMatchObject([{ kind: 'store', event: { id: '9' } }]);
    await gates.open('1');
    expect(consumer.begun).toEqual(['1', '3', '9', '2']);
  });

  it('has room for a certain number of events, and for rows when many fit', async () => {
    const { runs, take } = bench();
    expect([runs.room, runs.roomForRows]).toEqual([WINDOW_EVENTS + 1, WINDOW_EVENTS + 1]);
    for (let number = 0; number <= WINDOW_EVENTS / 2 + 1; number += 1) take(number);
    expect([runs.room, runs.roomForRows]).toEqual([WINDOW_EVENTS / 2 - 1, 0]);
  });

  it('has room for a certain amount of text', async () => {
    const { runs, consumer, gates, take } = bench();
    runs.start(consumer);
    take(1, WINDOW_CHARS);
    expect([runs.room, runs.roomForRows]).toEqual([0, 0]);
    await settled();
    await gates.open('1');
    expect(runs.room).toBe(WINDOW_EVENTS + 1);
  });

  it('forgets everything when it is stopped, and ignores what comes of it', async () => {
    const signals: AbortSignal[] = [];
    const gates = new Gates();
    const { runs, consumer, settle, ended, problems, take } = bench(
      { workers: 3, attempts: 2 },
      (event, run) => {
        signals.push(run.signal);
        if (event.id === '3') throw new Error('no luck');
        return gates.handle(event, run);
      },
    );
    runs.start(consumer);
    for (const number of [1, 2, 3, 4, 5]) take(number);
    await vi.waitFor(() => expect(consumer.begun).toContain('4'));
    runs.stop();
    expect(signals.filter(({ aborted }) => aborted)).toHaveLength(3);
    expect(runs).toMatchObject({ size: 0, room: 0, waiting: 0 });
    settle.mockClear();
    problems.length = 0;
    await gates.open('1');
    await gates.fail('2');
    expect(settle).not.toHaveBeenCalled();
    expect(ended).not.toHaveBeenCalled();
    expect([problems, runs.completed, runs.failed]).toEqual([[], 0, 1]);
  });
});
