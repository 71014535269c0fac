/** What the engine of all queues does with the events that it takes. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import { EventRuns } from '../../../src/queue/run.js';
import { resolveRunOptions } from '../../../src/queue/run-options.js';
import { coded } from '../../support/queue-bench.js';
import { Recorder, sampleEvent, settled } from '../../support/queue-events.js';
import { type RunsSettings, runsBench } from '../../support/runs-bench.js';

/** Started, with these events. */
async function running(ids: readonly string[], settings: RunsSettings = {}) {
  const bench = runsBench(settings);
  bench.start();
  for (const id of ids) bench.take(id);
  await settled();
  return bench;
}

/** A promise that the test resolves. */
function gate() {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open: () => open() };
}

async function passed(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settled();
}

const thrice = { attempts: 3, backoff: { initialMs: 100 }, random: () => 0.5 } as const;
const byFirstLetter = { orderBy: ({ id }: { readonly id: string }) => id.match(/^[a-z]/)?.[0] };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('an event that is taken', () => {
  it('waits for the start, and then runs once', async () => {
    const { runs, take, start, told, consumer, gates } = runsBench({ workers: 1 });
    expect([take('a'), take('b')]).toEqual([true, true]);
    await settled();
    expect(runs.stats).toMatchObject({ queued: 2, active: 0 });
    start();
    await settled();
    expect(runs.stats).toMatchObject({ queued: 1, active: 1 });
    await gates.open('a');
    await gates.open('b');
    expect(consumer.completed).toEqual(['a', 'b']);
    expect(told).toEqual(['completed a', 'ended a', 'completed b', 'ended b']);
    expect(runs.stats).toMatchObject({ queued: 0, active: 0, completed: 2, failed: 0, retried: 0, dead: 0 });
    expect(runs.size).toBe(0);
  });

  it('is not taken where there is no place', async () => {
    const { runs, take, gates, consumer } = await running(['a', 'b'], {
      workers: 1,
      limits: { capacity: 1 },
      ...byFirstLetter,
    });
    expect(runs.full).toBe(true);
    expect([take('c'), take('a2')]).toEqual([false, false]);
    expect(runs.size).toBe(2);
    await gates.open('a');
    await gates.open('b');
    expect(runs.full).toBe(false);
    // Nothing was left behind under its key.
    for (const id of ['c2', 'a3']) {
      expect(take(id)).toBe(true);
      await settled();
      await gates.open(id);
    }
    expect(consumer.completed).toEqual(['a', 'b', 'c2', 'a3']);
  });

  it('counts for its age until it has ended', async () => {
    let now = 1_000;
    const { runs, gates } = await running([], { workers: 1, now: () => now });
    expect(runs.stats.oldestAgeMs).toBe(0);
    runs.take('a', sampleEvent('a', {}, 400), undefined);
    runs.take('b', sampleEvent('b', {}, 900), undefined);
    await settled();
    expect(runs.stats.oldestAgeMs).toBe(600);
    await gates.open('a');
    now = 1_250;
    expect(runs.stats.oldestAgeMs).toBe(350);
    now = 0;
    expect(runs.stats.oldestAgeMs).toBe(0);
  });

  it('runs on assist workers, too, where there are any', async () => {
    const { runs, gates } = await running(['a', 'b'], { workers: 1, limits: { capacity: 0, assistMax: 1 } });
    expect(gates.waiting).toEqual(['a', 'b']);
    expect(runs.stats).toMatchObject({ workers: 1, assist: 1, active: 2 });
  });

  it('keeps its worker until its owner has written down that it is done', async () => {
    const { promise, open } = gate();
    const { runs, gates, told } = await running(['a', 'b'], {
      workers: 1,
      owner: { completed: () => promise },
    });
    await gates.open('a');
    expect(gates.waiting).toEqual([]);
    expect(runs.stats).toMatchObject({ active: 1, completed: 1 });
    open();
    await settled();
    expect(told).toEqual(['completed a', 'ended a']);
    expect(gates.waiting).toEqual(['b']);
  });
});

describe('an event that has to wait', () => {
  /** Takes events, and says which of them have let go of the bodies with which they came. */
  function watched(settings: RunsSettings = {}) {
    const bench = runsBench(settings);
    const events = new Map<string, AnyCallbackEvent>();
    const bodies = new Map<string, unknown>();
    const take = (id: string): void => {
      const event = sampleEvent(id);
      events.set(id, event);
      bodies.set(id, event.body);
      bench.runs.take(id, event, bench.runs.keyOf(event));
    };
    const resting = (): string[] =>
      [...events].filter(([id, event]) => event.body !== bodies.get(id)).map(([id]) => id);
    return { ...bench, take, resting };
  }

  it('is at rest, before the start and while no worker is free', async () => {
    const { take, start, resting, gates, consumer } = watched({ workers: 1 });
    take('early');
    start();
    await settled();
    take('late');
    await gates.open('early');
    await gates.open('late');
    expect(consumer.completed).toEqual(['early', 'late']);
    expect(resting()).toEqual(['early', 'late']);
  });

  it('is at rest behind another of its key, though workers are free', async () => {
    const { take, start, resting } = watched({ workers: 3, ...byFirstLetter });
    start();
    for (const id of ['a1', 'a2', 'b1']) take(id);
    expect(resting()).toEqual(['a2']);
  });

  it('is at rest between two runs', async () => {
    const { take, start, resting, gates } = watched({ workers: 1, ...thrice });
    start();
    take('a');
    await settled();
    expect(resting()).toEqual([]);
    await gates.fail('a');
    expect(resting()).toEqual(['a']);
  });

  it('is not at rest where a worker takes it at once, be it an assist worker', async () => {
    const { take, start, resting } = watched({ workers: 1, limits: { capacity: 0, assistMax: 1 } });
    start();
    take('a');
    take('b');
    expect(resting()).toEqual([]);
  });
});

describe('a run that fails', () => {
  it('is the last one by default, and its event dead', async () => {
    const error = new Error('broken');
    const dead = vi.fn();
    const { runs, gates, consumer, told } = await running(['a'], { owner: { dead } });
    await gates.fail('a', error);
    expect(told).toEqual(['dead a', 'ended a']);
    const reported = expect.objectContaining({ code: 'handler_failed', cause: error });
    expect(consumer.problems).toMatchObject([
      { kind: 'dead', attempt: 1, event: { id: 'a' }, error: reported },
    ]);
    expect(dead).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ item: 'a', attempt: 1 }),
      reported,
    );
    expect(runs.stats).toMatchObject({ failed: 1, dead: 1, retried: 0, completed: 0, queued: 0, active: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is repeated after a pause until no attempt is left', async () => {
    const { runs, gates, consumer, told } = await running(['a'], thrice);
    await gates.fail('a');
    expect(runs.stats).toMatchObject({ failed: 1, retried: 0, queued: 1, active: 0 });
    await passed(49);
    expect(gates.waiting).toEqual([]);
    await passed(1);
    expect(runs.stats).toMatchObject({ failed: 1, retried: 1, queued: 0, active: 1 });
    await gates.fail('a');
    await passed(99);
    expect(gates.waiting).toEqual([]);
    await passed(1);
    await gates.fail('a');
    expect(consumer.told).toEqual(['retry a', 'retry a', 'dead a']);
    expect(consumer.problems.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(told).toEqual(['failed a', 'failed a', 'dead a', 'ended a']);
    expect(runs.stats).toMatchObject({ failed: 3, retried: 2, dead: 1, completed: 0, queued: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may end well the next time, with the number of the run', async () => {
    const attempts: number[] = [];
    const { runs, consumer } = await running(['a'], {
      ...thrice,
      handle: (_, { attempt }) => {
        attempts.push(attempt);
        if (attempt === 1) throw new Error('not yet');
      },
    });
    await passed(50);
    expect(attempts).toEqual([1, 2]);
    expect(consumer.told).toEqual(['retry a']);
    expect(runs.stats).toMatchObject({ failed: 1, retried: 1, dead: 0, completed: 1 });
  });

  it('counts with those of earlier processes', async () => {
    const { runs, gates, take, consumer } = await running([], thrice);
    take('a', 2);
    await settled();
    await gates.fail('a');
    expect(consumer.problems).toMatchObject([{ kind: 'dead', attempt: 3 }]);
    expect(runs.stats).toMatchObject({ retried: 1, dead: 1 });
  });

  it('blocks no worker while it waits, but keeps its place', async () => {
    const { runs, gates, take } = await running(['a'], { ...thrice, workers: 1, limits: { capacity: 1 } });
    await gates.fail('a');
    take('b');
    await settled();
    expect(gates.waiting).toEqual(['b']);
    expect(runs.full).toBe(true);
  });

  it('pauses only when its owner has written down that it failed', async () => {
    const { promise, open } = gate();
    const { gates } = await running(['a'], { ...thrice, owner: { failed: () => promise } });
    await gates.fail('a');
    expect(vi.getTimerCount()).toBe(0);
    open();
    await settled();
    await passed(50);
    expect(gates.waiting).toEqual(['a']);
  });

  it('keeps the process alive until it is repeated', async () => {
    vi.useRealTimers();
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    const { runs, gates } = await running(['a'], { ...thrice, backoff: { initialMs: 5_000 } });
    await gates.fail('a');
    const timer: unknown = timeout.mock.results[0]?.value;
    timeout.mockRestore();
    expect((timer as NodeJS.Timeout).hasRef()).toBe(true);
    expect(runs.stop()).toHaveLength(1);
  });

  it.each<[string, () => Promise<void>]>([
    [
      'throws before it is async',
      () => {
        throw new Error('sync');
      },
    ],
    ['rejects', () => Promise.reject(new Error('async'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ])('harms no other event when the consumer %s', async (_, fail) => {
    const { runs, consumer, take } = runsBench({ workers: 1, handle: () => undefined });
    const consume = consumer.consume.bind(consumer);
    consumer.consume = (event, attempt) => (event.id === 'bad' ? fail() : consume(event, attempt));
    runs.start(consumer);
    take('bad');
    take('good');
    await settled();
    expect(consumer.completed).toEqual(['good']);
    expect(consumer.told).toEqual(['dead bad']);
    expect(consumer.problems[0]?.error.code).toBe('handler_failed');
  });

  it('is reported with its own error where that is coded', async () => {
    const error = new CallbackError('handler_timeout');
    const { gates, consumer } = await running(['a']);
    await gates.fail('a', error);
    expect(consumer.problems[0]?.error).toBe(error);
  });

  it('needs nobody who writes down what becomes of it', async () => {
    const consumer = new Recorder(({ id }, { attempt }) => {
      if (id === 'bad' || attempt === 1) throw new Error('broken');
    });
    const limits = { capacity: 9, assistMax: 0, idleMs: 0 };
    const runs = new EventRuns(resolveRunOptions({ ...thrice, attempts: 2 }), limits, {
      ended: () => undefined,
    });
    runs.start(consumer);
    for (const id of ['bad', 'good']) runs.take(undefined, sampleEvent(id), undefined);
    await settled();
    await passed(50);
    expect(runs.outcomes).toMatchObject({ completed: 1, dead: 1 });
  });
});

describe('events of one key', () => {
  it('run one after the other while others run', async () => {
    const { runs, gates, take } = await running(['a1', 'a2', 'a3', 'b1', '1'], {
      workers: 4,
      ...byFirstLetter,
    });
    expect(gates.waiting).toEqual(['a1', 'b1', '1']);
    expect(runs.stats).toMatchObject({ active: 3, queued: 2 });
    await gates.open('a1');
    expect(gates.waiting).toEqual(['b1', '1', 'a2']);
    await gates.open('a2');
    await gates.open('a3');
    take('a4');
    await settled();
    expect(gates.waiting).toEqual(['b1', '1', 'a4']);
  });

  it('wait behind one that is to be repeated', async () => {
    const { gates, consumer } = await running(['a1', 'a2'], { ...thrice, ...byFirstLetter });
    await gates.fail('a1');
    expect(gates.waiting).toEqual([]);
    await passed(50);
    await gates.open('a1');
    await gates.open('a2');
    expect(consumer.begun).toEqual(['a1', 'a1', 'a2']);
  });

  it('go on behind one that is dead', async () => {
    const { gates, consumer } = await running(['a1', 'a2'], byFirstLetter);
    await gates.fail('a1');
    await gates.open('a2');
    expect(consumer.completed).toEqual(['a2']);
  });

  it('have their places while they wait', async () => {
    const settings = { workers: 1, limits: { capacity: 2 }, ...byFirstLetter };
    const { take } = await running(['a1', 'a2', 'a3'], settings);
    expect(take('b1')).toBe(false);
  });

  it('cannot be told when orderBy throws', () => {
    const cause = new Error('no key');
    const { runs } = runsBench({
      orderBy: () => {
        throw cause;
      },
    });
    expect(() => runs.keyOf(sampleEvent('a'))).toThrow(
      expect.objectContaining({ code: 'queue_failed', cause, message: 'queue_failed: orderBy threw' }),
    );
  });
});

describe('idle', () => {
  it('resolves at once when nothing was taken', async () => {
    await expect(runsBench().runs.idle()).resolves.toBeUndefined();
  });

  it('resolves when the last event has ended, for everybody who waits', async () => {
    const { runs, gates } = await running(['a', 'b']);
    const idle = vi.fn<() => void>();
    for (const waiting of [runs.idle(), runs.idle()]) waiting.then(idle);
    await gates.open('a');
    expect(idle).not.toHaveBeenCalled();
    await gates.open('b');
    expect(idle).toHaveBeenCalledTimes(2);
  });

  it('does not resolve where the place of the last event was taken at once', async () => {
    const queued = ['b'];
    const bench = runsBench({ owner: { ended: () => void queued.splice(0).map((id) => bench.take(id)) } });
    bench.start();
    bench.take('a');
    await settled();
    const idle = vi.fn<() => void>();
    bench.runs.idle().then(idle);
    await bench.gates.open('a');
    expect(idle).not.toHaveBeenCalled();
    await bench.gates.open('b');
    expect(idle).toHaveBeenCalledOnce();
  });
});

describe('stop', () => {
  it('aborts what runs, ends pauses, and gives what is neither done nor dead, oldest first', async () => {
    const signals = new Map<string, AbortSignal>();
    const bench = runsBench({ workers: 2, ...thrice, ...byFirstLetter });
    const { runs, gates, consumer, take } = bench;
    const consume = consumer.consume.bind(consumer);
    consumer.consume = (event, attempt) => {
      signals.set(event.id, attempt.signal);
      return consume(event, attempt);
    };
    runs.start(consumer);
    for (const id of ['done', 'retry', 'held', 'queued', 'held behind']) take(id);
    await settled();
    await gates.open('done');
    await gates.fail('retry');
    const idle = runs.idle();
    expect(runs.stop().map(({ item }) => item)).toEqual(['retry', 'held', 'queued', 'held behind']);
    await expect(idle).resolves.toBeUndefined();
    expect(signals.get('held')?.reason).toEqual(coded('closing'));
    expect(signals.get('retry')?.aborted).toBe(false);
    expect(signals.get('done')?.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    expect(runs.stats).toMatchObject({ queued: 0, oldestAgeMs: 0 });
    expect(runs.size).toBe(0);
    expect(take('late')).toBe(false);
  });

  it('makes no difference of how a run ends after it', async () => {
    const { runs, gates, consumer, told } = await running(['a1', 'b1', 'a2'], {
      ...thrice,
      ...byFirstLetter,
    });
    runs.stop();
    await gates.open('a1');
    await gates.fail('b1');
    await passed(10_000);
    expect(consumer.begun).toEqual(['a1', 'b1']);
    expect(consumer.told).toEqual([]);
    expect(told).toEqual([]);
    expect(runs.stats).toMatchObject({ completed: 0, failed: 0, retried: 0, dead: 0, active: 0, queued: 0 });
  });

  it.each<['open' | 'fail', string]>([
    ['open', 'completed'],
    ['fail', 'dead'],
  ])('does not give an event that its owner is writing down: %s', async (end, verb) => {
    const { promise, open } = gate();
    const owner = { completed: () => promise, dead: () => promise };
    const { runs, gates, told } = await running(['a', 'b'], { owner });
    await gates[end]('a');
    expect(runs.stop().map(({ item }) => item)).toEqual(['b']);
    open();
    await settled();
    expect(told).toEqual([`${verb} a`]);
  });

  it('leaves no pause behind an event whose failure is being written down', async () => {
    const { promise, open } = gate();
    const { runs, gates } = await running(['a'], { ...thrice, owner: { failed: () => promise } });
    await gates.fail('a');
    expect(runs.stop()).toHaveLength(1);
    open();
    await settled();
    expect(vi.getTimerCount()).toBe(0);
    expect(runs.stats).toMatchObject({ active: 0, queued: 0 });
  });
});
