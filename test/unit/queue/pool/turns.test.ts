/** The workers' turns at the event loop. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { TURN_MS, Turns } from '../../../../src/queue/pool/turns.js';
import { WorkerPool } from '../../../../src/queue/pool/worker-pool.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a turn', () => {
  it('is over before the first one has begun and lasts 5 ms', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    const turns = new Turns();
    expect(turns.over()).toBe(true);
    await turns.next();
    expect(turns.over()).toBe(false);
    now.mockReturnValue(1000 + TURN_MS - 0.1);
    expect(turns.over()).toBe(false);
    now.mockReturnValue(1000 + TURN_MS);
    expect(turns.over()).toBe(true);
  });

  it('is over for those who come while others wait for the next one', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(1000);
    const turns = new Turns();
    await turns.next();
    const seen: string[] = [];
    const first = turns.next().then(() => seen.push('first'));
    expect(turns.over()).toBe(true);
    await turns.next().then(() => seen.push('second'));
    await first;
    expect(seen).toEqual(['first', 'second']);
    expect(turns.over()).toBe(false);
  });

  it('is one for all that wait for it', async () => {
    const turns = new Turns();
    const first = turns.next();
    expect(turns.next()).toBe(first);
    await first;
    expect(turns.next()).not.toBe(first);
  });

  it('begins after what the event loop had to do', async () => {
    const seen: string[] = [];
    setImmediate(() => seen.push('request'));
    await new Turns().next();
    expect(seen).toEqual(['request']);
  });

  it('comes by a timer where there is no setImmediate', async () => {
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    vi.stubGlobal('setImmediate', undefined);
    await new Turns().next();
    expect(timeout).toHaveBeenCalledWith(expect.any(Function), 0);
  });

  it('lets requests through while a pool works off a burst of jobs that never wait', async () => {
    let jobs = 0;
    const pool = new WorkerPool<object>(
      { workers: 4, capacity: 100, assistMax: 0, idleMs: 0 },
      () => undefined,
    );
    pool.start(async () => {
      jobs += 1;
      const until = performance.now() + 1;
      while (performance.now() < until);
      return false;
    });
    while (pool.offer({}));
    const seen: number[] = [];
    while (jobs < 104) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(jobs);
    }
    expect(seen.length).toBeGreaterThan(5);
    // 5 ms of 1 ms jobs, and the four jobs that may already be running then.
    expect(seen[1]).toBeLessThanOrEqual(12);
  });
});
