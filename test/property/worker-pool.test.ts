/** Properties of the pool and the memory queue, checked with random histories. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PoolLimits } from '../../src/queue/pool/worker-pool.js';
import { Bench } from '../support/pool-bench.js';
import { settled } from '../support/queue-events.js';

/** The pool in the plainest words: what it should do, with none of how it does it. */
interface Model {
  readonly limits: PoolLimits;
  started: boolean;
  named: number;
  list: string[];
  readonly running: Map<string, 'master' | 'assist'>;
  /** Names of jobs that failed and keep their place. */
  readonly retrying: Set<string>;
  /** Held places that have no name yet. */
  reserved: number;
  idleAssists: number;
  assists: number;
  readonly ended: string[];
}

const waitingIn = (model: Model) => model.list.length + model.retrying.size + model.reserved;

function isFull(model: Model): boolean {
  const { workers, capacity, assistMax } = model.limits;
  return model.running.size + waitingIn(model) >= workers + capacity + assistMax;
}

function place(model: Model, name: string): void {
  const masters = [...model.running.values()].filter((kind) => kind === 'master').length;
  if (!model.started) model.list.push(name);
  else if (masters < model.limits.workers) model.running.set(name, 'master');
  else if (model.idleAssists > 0) {
    model.idleAssists -= 1;
    model.running.set(name, 'assist');
  } else if (waitingIn(model) < model.limits.capacity) model.list.push(name);
  else assist(model, name);
}

function assist(model: Model, name: string): void {
  model.assists += 1;
  model.running.set(name, 'assist');
}

function relieve(model: Model): void {
  while (model.started && model.list.length > 0 && waitingIn(model) > model.limits.capacity) {
    assist(model, model.list.shift() ?? '');
  }
}

function agree(model: Model, bench: Bench): void {
  const { workers, capacity, assistMax } = model.limits;
  expect(bench.figures).toEqual([model.running.size, waitingIn(model), model.assists]);
  expect(new Set(bench.running)).toEqual(new Set(model.running.keys()));
  expect(bench.ended).toEqual(model.ended);
  expect(bench.pool.full).toBe(isFull(model));
  expect(model.running.size + waitingIn(model)).toBeLessThanOrEqual(workers + capacity + assistMax);
  expect(model.assists).toBeLessThanOrEqual(assistMax);
  if (model.started && model.list.length > 0) {
    expect(model.running.size).toBe(workers + model.assists);
    expect(waitingIn(model)).toBeLessThanOrEqual(capacity);
  }
}

type Command = fc.AsyncCommand<Model, Bench>;

/** A command that does the same to the model and to the pool and compares the two. */
function command(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, bench: Bench) => void | Promise<void>,
): Command {
  return {
    check,
    run: async (model, bench) => {
      await run(model, bench);
      await settled();
      agree(model, bench);
    },
    toString: () => name,
  };
}

const offer = command(
  'offer',
  () => true,
  (model, bench) => {
    const name = `job ${model.named}`;
    model.named += 1;
    const accepts = !isFull(model);
    expect(bench.pool.offer(bench.job(name))).toBe(accepts);
    if (accepts) place(model, name);
  },
);

const hold = command(
  'hold',
  () => true,
  (model, bench) => {
    const accepts = !isFull(model);
    expect(bench.pool.hold()).toBe(accepts);
    if (!accepts) return;
    model.reserved += 1;
    relieve(model);
  },
);

const bring = command(
  'bring the job of a held place',
  (model) => model.started && model.reserved > 0,
  (model, bench) => {
    const name = `job ${model.named}`;
    model.named += 1;
    bench.pool.resume(bench.job(name));
    model.reserved -= 1;
    place(model, name);
  },
);

const retry = command(
  'retry',
  (model) => model.retrying.size > 0,
  (model, bench) => {
    const [name = ''] = model.retrying;
    bench.pool.resume(bench.job(name));
    model.retrying.delete(name);
    place(model, name);
  },
);

const start = command(
  'start',
  (model) => !model.started,
  (model, bench) => {
    bench.start();
    model.started = true;
    for (const name of model.list.splice(0, model.limits.workers)) model.running.set(name, 'master');
    relieve(model);
  },
);

const idle = command(
  'let assist workers be idle',
  (model) => model.idleAssists > 0,
  (model) => {
    vi.advanceTimersByTime(model.limits.idleMs);
    model.assists -= model.idleAssists;
    model.idleAssists = 0;
  },
);

const end = (index: number, held: boolean): Command =>
  command(
    `end ${index} ${held ? 'and keep the place' : ''}`,
    (model) => model.running.size > 0,
    async (model, bench) => {
      const [name, kind] = [...model.running][index % model.running.size] ?? ['', 'master'];
      model.running.delete(name);
      if (held) model.retrying.add(name);
      else model.ended.push(name);
      const next = model.list.shift();
      if (next !== undefined) model.running.set(next, kind);
      else if (kind === 'assist') model.idleAssists += 1;
      await bench.end(name, held);
    },
  );

const limits = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  capacity: fc.nat(4),
  assistMax: fc.nat(3),
  idleMs: fc.constant(1000),
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the pool', () => {
  it('does what its model does, and keeps its invariants, whatever happens in whatever order', async () => {
    const commands = fc.commands(
      [
        fc.constant(offer),
        fc.constant(offer),
        fc.constant(hold),
        fc.constant(bring),
        fc.constant(retry),
        fc.constant(start),
        fc.constant(idle),
        fc.tuple(fc.nat(9), fc.boolean()).map(([index, held]) => end(index, held)),
      ],
      { size: '+1' },
    );
    await fc.assert(
      fc.asyncProperty(limits, fc.boolean(), commands, async (sizes, started, history) => {
        const setup = () => {
          const bench = new Bench(sizes);
          if (started) bench.start();
          const model: Model = {
            limits: sizes,
            started,
            named: 0,
            list: [],
            running: new Map(),
            retrying: new Set(),
            reserved: 0,
            idleAssists: 0,
            assists: 0,
            ended: [],
          };
          return { model, real: bench };
        };
        await fc.asyncModelRun(setup, history);
      }),
      { numRuns: 300 },
    );
  });

  it('is first in, first out among the jobs of the list', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(fc.nat(9), { maxLength: 40 }), async (sizes, ends) => {
        const bench = new Bench({ ...sizes, assistMax: 0 }).start();
        const accepted: string[] = [];
        for (const [number, index] of ends.entries()) {
          if (bench.pool.offer(bench.job(`${number}`))) accepted.push(`${number}`);
          if (index > 4) await bench.end(bench.running[index % bench.running.length] ?? '');
        }
        while (bench.ended.length < accepted.length) {
          await settled();
          await bench.end(bench.running[0] ?? '');
        }
        expect(bench.begun).toEqual(accepted);
      }),
    );
  });
});
