/** Takes Redis away from a receiver under load, twice, and sees that it goes on by itself and loses no more than it may. */

import { expect, vi } from 'vitest';
import type { RedisServer } from '../support/redis-server.js';
import { Load } from './load.js';
import { withinTest } from './within.js';

const PATIENCE = { timeout: 120_000, interval: 10 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until there are so many more. */
async function more(count: () => number, least: number): Promise<void> {
  const wanted = count() + least;
  await vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(wanted), PATIENCE);
}

/** What is taken away, and from whom. */
export interface Outages {
  readonly redis: RedisServer;
  /** Starts the receiver; resolves with its port. */
  readonly start: () => Promise<number>;
  /** Texts of the events whose handlers have run. */
  readonly handled: () => ReadonlySet<string>;
  /** How long Redis is away each time, in milliseconds. */
  readonly awayMs: number;
  /** How many accepted events may be lost. Defaults to 0. */
  readonly mayLose?: number;
  /** Kills the receiver. */
  readonly stop: () => Promise<unknown>;
}

/**
 * Freezes Redis, then kills it and starts it again, within a test. That requests are answered while it is away is
 * seen before it comes back. Gives a line on what was answered.
 */
export function surviveOutages(outages: Outages): Promise<string> {
  return withinTest((signal) => surviving(outages, signal));
}

async function surviving(
  { redis, start, handled, awayMs, mayLose = 0, stop }: Outages,
  signal: AbortSignal,
): Promise<string> {
  const load = new Load(10);
  signal.addEventListener('abort', () => load.stop());
  const refused = (): number => load.refused.get(503) ?? 0;
  const goesOn = async (): Promise<void> => {
    await more(() => load.answered.size, 50);
    await more(() => handled().size, 50);
  };
  try {
    load.start(await start());
    await goesOn();

    redis.freeze();
    await Promise.all([pause(awayMs), more(refused, 5)]);
    redis.thaw();
    await goesOn();

    await redis.kill();
    await Promise.all([pause(awayMs), more(refused, 5)]);
    await redis.start();
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
