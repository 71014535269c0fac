/** Takes its store away from a receiver under load, twice, and sees that it goes on by itself and loses no more than it may. */

import { expect, vi } from 'vitest';
import { Load } from './load.js';
import { withinTest } from './within.js';

const PATIENCE = { timeout: 120_000, interval: 10 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until there are so many more. */
async function more(count: () => number, least: number): Promise<void> {
  const wanted = count() + least;
  await vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(wanted), PATIENCE);
}

/** A server that keeps what it has while it is away. */
interface StoreServer {
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** What is taken away, and from whom. */
export interface Outages {
  readonly store: StoreServer;
  /** Starts the receiver; resolves with its port. */
  readonly start: () => Promise<number>;
  /** Texts of the events whose handlers have run. */
  readonly handled: () => ReadonlySet<string>;
  /** How long the store is away each time, in milliseconds. */
  readonly awayMs: number;
  /** How many accepted events may be lost. Defaults to 0. */
  readonly mayLose?: number;
  /** How long each of the ten callers rests after an answer, in milliseconds. Defaults to not at all. */
  readonly restMs?: number;
  /** Kills the receiver. */
  readonly stop: () => Promise<unknown>;
}

/**
 * Freezes the store, then kills it and starts it again, within a test. That requests are answered while it is away is
 * seen before it comes back. Gives a line on what was answered.
 */
export function surviveOutages(outages: Outages): Promise<string> {
  return withinTest((signal) => surviving(outages, signal));
}

async function surviving(
  { store, start, handled, awayMs, mayLose = 0, restMs = 0, stop }: Outages,
  signal: AbortSignal,
): Promise<string> {
  const load = new Load(10, () => restMs);
  signal.addEventListener('abort', () => load.stop());
  const refused = (): number => load.refused.get(503) ?? 0;
  const goesOn = async (): Promise<void> => {
    await more(() => load.answered.size, 50);
    await more(() => handled().size, 50);
  };
  try {
    load.start(await start());
    await goesOn();

    store.freeze();
    await Promise.all([pause(awayMs), more(refused, 5)]);
    store.thaw();
    await goesOn();

    await store.kill();
    await Promise.all([pause(awayMs), more(refused, 5)]);
    await store.start();
    await goesOn();

    load.stop();
    await load.ended();
    expect([...load.refused.keys()]).toEqual([503]);
    await vi.waitFor(() => {
      const done = handled();
      const missing = [...load.answered].filter((text) => !done.has(text));
      // Named, so that a failure says which.
      expect(missing.slice(mayLose)).toEqual([]);
    }, PATIENCE);
    const slowest = Math.round(load.slowestMs);
    return `${load.answered.size} answered, ${refused()} refused, slowest answer ${slowest} ms`;
  } finally {
    load.stop();
    await stop();
    await load.ended();
  }
}
