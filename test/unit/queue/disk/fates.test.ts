/** Between events in memory and their rows on disk. */

import { describe, expect, it, vi } from 'vitest';
import { fatesOf, type Stored } from '../../../../src/queue/disk/fates.js';
import { WINDOW_CHARS } from '../../../../src/queue/disk/options.js';
import { waitingText } from '../../../../src/queue/disk/record.js';
import { put, remove } from '../../../../src/queue/disk/rows.js';
import { GroupWriter } from '../../../../src/queue/disk/writer.js';
import { EventRuns } from '../../../../src/queue/run.js';
import { type RunOptions, resolveRunOptions } from '../../../../src/queue/run-options.js';
import { diskBench, until } from '../../../support/disk-queues.js';
import { type Handle, Recorder, sampleEvent, settled } from '../../../support/queue-events.js';

function bench(options: RunOptions = {}, handle?: Handle) {
  const consumer = new Recorder(handle ?? (() => undefined));
  const writer = new GroupWriter(
    () => Promise.resolve(),
    () => undefined,
  );
  const settle = vi.spyOn(writer, 'settle');
  const fates = fatesOf(writer, () => 5);
  const run = resolveRunOptions({ workers: 1, backoff: { initialMs: 1, maxMs: 1 }, ...options });
  const limits = { capacity: 10, assistMax: 0, idleMs: 0 };
  const runs = new EventRuns<Stored>(run, limits, { ...fates, ended: () => undefined });
  runs.start(consumer);
  const load = (number: number, text: string) =>
    fates.load({ number, text }, runs, consumer, (...loaded) => runs.take(...loaded));
  return { consumer, settle, fates, runs, load };
}

describe('an event', () => {
  it('that is done has no row any more', async () => {
    const { load, settle } = bench();
    load(7, waitingText(sampleEvent('a'), 0));
    await settled();
    expect(settle.mock.calls).toEqual([[7, [remove('event', 7)]]]);
  });

  it('has a row that says how often it has failed, and is put aside after the last run', async () => {
    const { load, settle, consumer } = bench({ attempts: 2 }, () => {
      throw new Error('no luck');
    });
    load(7, waitingText(sampleEvent('a'), 0));
    await until(() => expect(consumer.told).toEqual(['retry a', 'dead a']));
    await settled();
    const [[, first] = [], [, second] = []] = settle.mock.calls;
    expect(first).toEqual([put('event', 7, expect.stringContaining('"Attempts":1'))]);
    expect(second).toEqual([remove('event', 7), put('dead', 7, expect.stringContaining('"PutAsideAt":5'))]);
  });

  it('whose caller was refused is removed', () => {
    const { fates, settle } = bench();
    fates.abandoned(7);
    expect(settle).toHaveBeenCalledExactlyOnceWith(7, [remove('event', 7)]);
  });

  it('goes on with the count of an earlier process', async () => {
    const attempts: number[] = [];
    const { load } = bench({ attempts: 3 }, (_, { attempt }) => void attempts.push(attempt));
    load(7, waitingText(sampleEvent('a'), 2));
    await settled();
    expect(attempts).toEqual([3]);
  });

  it('runs without an order when its order cannot be told any more, which is reported', async () => {
    const orderBy = () => {
      throw new Error('no key');
    };
    const { load, consumer } = bench({ orderBy });
    load(7, waitingText(sampleEvent('a'), 0));
    await settled();
    expect(consumer.completed).toEqual(['a']);
    expect(consumer.problems).toMatchObject([
      { kind: 'store', error: { code: 'queue_failed' }, event: { id: 'a' } },
    ]);
  });
});

describe('a row that is no event', () => {
  it('or that the consumer does not take, is put aside and reported', () => {
    const { load, settle, consumer, runs } = bench();
    load(3, '{');
    load(4, '{"Id":4}');
    expect(consumer.problems.map(({ kind, error }) => [kind, error.code])).toEqual([
      ['invalid', 'body_not_json'],
      ['invalid', 'body_not_json'],
    ]);
    expect(settle.mock.calls).toEqual([
      [3, [remove('event', 3), put('invalid', 3, expect.stringContaining('"Text":"{"'))]],
      [4, [remove('event', 4), put('invalid', 4, expect.stringContaining('"PutAsideAt":5'))]],
    ]);
    expect(runs.size).toBe(0);
  });
});

describe('the memory', () => {
  it('takes no further event when it holds a certain amount of text', async () => {
    const { queue, consumer, gates } = await diskBench({ workers: 3 });
    const decode = vi.spyOn(consumer, 'decode');
    await queue.enqueue(sampleEvent('huge', { noise: 'x'.repeat(WINDOW_CHARS) }));
    await queue.enqueue(sampleEvent('a'));
    await until(() => expect(gates.waiting).toEqual(['huge']));
    expect(queue.stats()).toMatchObject({ queued: 1, active: 1 });
    expect(decode).not.toHaveBeenCalled();
    await gates.open('huge');
    await until(() => expect(gates.waiting).toEqual(['a']));
    expect(decode).toHaveBeenCalledOnce();
  });
});
