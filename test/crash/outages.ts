/** Takes its store away from a receiver under load, twice, and sees that it goes on by itself and loses nothing. */

import { expect, vi } from 'vitest';
import { Load } from './load.js';

const PATIENCE = { timeout: 20_000, interval: 10 };

/** When the vendor gives up. */
const VENDOR_MS = 2_000;

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
  /** How long each of the ten callers rests after an answer, in milliseconds. Defaults to not at all. */
  readonly restMs?: number;
  /** Kills the receiver. */
  readonly stop: () => Promise<unknown>;
}

/** Freezes the store, then kills it and starts it again. Gives a line on what was answered. */
export async function surviveOutages({
  store,
  start,
  handled,
  awayMs,
  restMs = 0,
  stop,
}: Outages): Promise<string> {
  const load = new Load(10, () => restMs);
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
    expect(load.slowestMs).toBeLessThan(VENDOR_MS);
    expect([...load.refused.keys()]).toEqual([503]);
    await vi.waitFor(() => {
      const done = handled();
      expect([...load.answered].filter((text) => !done.has(text))).toEqual([]);
    }, PATIENCE);
    const slowest = Math.round(load.slowestMs);
    return `${load.answered.size} answered, ${refused()} refused, slowest answer ${slowest} ms`;
  } finally {
    load.stop();
    await stop();
    await load.ended();
  }
}
