/** What the memory queue promises for every event that it accepted, checked with random histories. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryQueue } from '../../src/queue/memory/memory.js';
import { Gates, idsOf, Recorder, sampleEvent, sampleEvents, settled } from '../support/queue-events.js';

const DEADLINE_MS = 5000;

const options = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  capacity: fc.nat(4),
  assist: fc.record({ max: fc.nat(2), idleMs: fc.constant(100) }),
  attempts: fc.integer({ min: 1, max: 3 }),
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('enqueue' as const), key: fc.constantFrom('a', 'b', '') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constantFrom('open' as const, 'fail' as const), run: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat(300) }) },
);

/** Drives one queue through a history and remembers everything that can be observed. */
class History {
  readonly gates = new Gates();
  readonly consumer = new Recorder(this.gates.handle);
  readonly accepted: string[] = [];
  readonly refused: string[] = [];
  #named = 0;

  async enqueue(queue: ReturnType<typeof memoryQueue>, key: string): Promise<void> {
    const id = `${key}${this.#named}`;
    this.#named += 1;
    try {
      await queue.enqueue(sampleEvent(id));
      this.accepted.push(id);
    } catch {
      this.refused.push(id);
    }
  }

  async end(what: 'open' | 'fail', run: number): Promise<void> {
    const { waiting } = this.gates;
    const id = waiting[run % waiting.length];
    if (id !== undefined) await this.gates[what](id);
  }

  /** Ids whose last run failed. */
  get dead(): string[] {
    return this.consumer.problems.filter(({ kind }) => kind === 'dead').map(({ event }) => event?.id ?? '');
  }
}

/** Where each run of a key begins: every event's runs are together, in the order of acceptance. */
function withoutRepeats(ids: readonly string[]): string[] {
  return ids.filter((id, index) => id !== ids[index - 1]);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the memory queue', () => {
  it('ends every accepted event exactly once, within its bound and in the order of its key', async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.array(step, { maxLength: 40 }),
        fc.nat(9),
        async (settings, steps, opened) => {
          const bound = settings.workers + settings.capacity + settings.assist.max;
          const history = new History();
          const { accepted, consumer, gates } = history;
          const queue = memoryQueue({
            ...settings,
            orderBy: ({ id }) => id.match(/^[ab]/)?.[0],
            random: () => 0.05,
          });
          queue.start(consumer);
          for (const each of steps) {
            if (each.what === 'enqueue') await history.enqueue(queue, each.key);
            else if (each.what === 'wait') vi.advanceTimersByTime(each.ms);
            else await history.end(each.what, each.run);
            await settled();

            const { queued, active, assist, completed, dead } = queue.stats();
            expect(queued + active).toBeLessThanOrEqual(bound);
            expect(queued + active + completed + dead).toBe(accepted.length);
            expect(active).toBe(gates.waiting.length);
            expect(assist).toBeLessThanOrEqual(settings.assist.max);
            for (const key of ['a', 'b']) {
              const running = gates.waiting.filter((id) => id.startsWith(key));
              expect(running.length).toBeLessThanOrEqual(1);
            }
          }

          const doneBefore = queue.stats().completed + queue.stats().dead;
          const closing = queue.close({ timeoutMs: DEADLINE_MS });
          for (let index = 0; index < opened; index += 1) await history.end('open', 0);
          vi.advanceTimersByTime(DEADLINE_MS);
          const { drained, remaining } = await closing;
          await settled();

          const ends = [...consumer.completed, ...history.dead, ...idsOf(remaining)];
          expect(ends.toSorted()).toEqual(accepted.toSorted());
          expect(doneBefore + drained).toBe(consumer.completed.length + history.dead.length);
          expect(idsOf(remaining)).toEqual(accepted.filter((id) => idsOf(remaining).includes(id)));
          for (const key of ['a', 'b']) {
            const begun = withoutRepeats(consumer.begun.filter((id) => id.startsWith(key)));
            expect(begun).toEqual(accepted.filter((id) => id.startsWith(key)).slice(0, begun.length));
          }
          expect(queue.stats()).toMatchObject({
            accepted: accepted.length,
            rejected: history.refused.length,
          });
          expect(vi.getTimerCount()).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps the order of each key whichever handler ends first', async () => {
    vi.useRealTimers();
    const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        keys,
        fc.infiniteStream(fc.boolean()),
        async (scheduler, given, fails) => {
          const consumer = new Recorder(async ({ id }, { attempt }) => {
            await scheduler.schedule(Promise.resolve(), `${id} run ${attempt}`);
            if (fails.next().value) throw new Error(`${id} failed`);
          });
          const queue = memoryQueue({
            workers: 4,
            attempts: 2,
            random: () => 0,
            orderBy: ({ id }) => id[0],
          });
          queue.start(consumer);
          const ids = given.map((key, index) => `${key}${index}`);
          for (const id of ids) queue.enqueue(sampleEvent(id));
          const { drained, remaining } = await scheduler.waitFor(queue.close());
          expect({ drained, remaining }).toEqual({ drained: ids.length, remaining: [] });
          for (const key of given) {
            const ofKey = (all: readonly string[]) => all.filter((id) => id.startsWith(key));
            expect(withoutRepeats(ofKey(consumer.begun))).toEqual(ofKey(ids));
          }
        },
      ),
    );
  });
});

describe('a burst of 10,000 events', () => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 1));

  beforeEach(() => {
    vi.useRealTimers();
  });

  it('is handled by no more than the workers and assist workers, and nothing that was accepted is dropped', async () => {
    const consumer = new Recorder(slow);
    const queue = memoryQueue({ workers: 8, capacity: 2000, assist: { max: 32 } });
    queue.start(consumer);
    let refused = 0;
    for (const event of sampleEvents(10_000)) {
      try {
        queue.enqueue(event);
      } catch {
        refused += 1;
      }
    }
    expect(queue.stats()).toMatchObject({
      accepted: 2040,
      rejected: 7960,
      queued: 2000,
      active: 40,
      assist: 32,
    });
    expect(await queue.close()).toEqual({ drained: 2040, remaining: [], timedOut: false });
    expect(refused).toBe(7960);
    expect(new Set(consumer.completed).size).toBe(2040);
    expect(consumer.completed).toHaveLength(2040);
    expect(consumer.peak).toBe(40);
  });
});
