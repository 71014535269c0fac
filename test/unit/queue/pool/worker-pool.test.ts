/** The workers of the pool: masters and assist workers. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bench } from '../../../support/pool-bench.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the masters', () => {
  it('run as many jobs at once as there are masters and list the next', async () => {
    const bench = new Bench({ workers: 2, capacity: 5 }).start();
    expect(await bench.offer('a', 'b', 'c')).toEqual([true, true, true]);
    expect(bench.running).toEqual(['a', 'b']);
    expect(bench.figures).toEqual([2, 1, 0]);
  });

  it('take from the list in its order when they are done', async () => {
    const bench = new Bench({ workers: 1, capacity: 5 }).start();
    await bench.offer('a', 'b', 'c');
    await bench.end('a');
    expect(bench.running).toEqual(['b']);
    await bench.end('b');
    await bench.end('c');
    expect(bench.begun).toEqual(['a', 'b', 'c']);
    expect(bench.ended).toEqual(['a', 'b', 'c']);
    expect(bench.figures).toEqual([0, 0, 0]);
  });

  it('begin jobs in the order of the offers, also when one is done while another is about to begin', async () => {
    const bench = new Bench({ workers: 2, capacity: 5 }).start();
    await bench.offer('a');
    bench.pool.offer(bench.job('b'));
    bench.pool.offer(bench.job('c'));
    await bench.end('a');
    expect(bench.begun).toEqual(['a', 'b', 'c']);
  });

  it('are preferred to idle assist workers', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 1 }).start();
    await bench.offer('a', 'b');
    await bench.end('a');
    await bench.end('b');
    await bench.offer('c');
    vi.advanceTimersByTime(1000);
    expect(bench.figures).toEqual([1, 0, 0]);
  });

  it('begin a job only after whoever offered it has gone on', () => {
    const bench = new Bench({}).start();
    bench.pool.offer(bench.job('a'));
    expect(bench.begun).toEqual([]);
    expect(bench.pool.busy).toBe(1);
  });
});

describe('the assist workers', () => {
  it('come when the list is full and begin with the job that did not fit', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 2 }).start();
    await bench.offer('running', 'listed', 'surplus');
    expect(bench.running).toEqual(['running', 'surplus']);
    expect(bench.figures).toEqual([2, 1, 1]);
  });

  it('are at most assistMax; what comes then is refused', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 2 }).start();
    expect(await bench.offer('a', 'b', 'c', 'd', 'e')).toEqual([true, true, true, true, false]);
    expect(bench.pool.full).toBe(true);
    expect(bench.figures).toEqual([3, 1, 2]);
  });

  it('take from the list, too', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 1 }).start();
    await bench.offer('a', 'listed', 'surplus');
    await bench.end('surplus');
    expect(bench.running).toEqual(['a', 'listed']);
    expect(bench.pool.assist).toBe(1);
  });

  it('go after they have been idle for idleMs, not earlier', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 1, idleMs: 1000 }).start();
    await bench.offer('a', 'b');
    await bench.end('b');
    vi.advanceTimersByTime(999);
    expect(bench.figures).toEqual([1, 0, 1]);
    vi.advanceTimersByTime(1);
    expect(bench.figures).toEqual([1, 0, 0]);
  });

  it('do not go while they run, and count their idleness anew after each job', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 1 }).start();
    await bench.offer('a', 'b');
    vi.advanceTimersByTime(5000);
    await bench.end('b');
    vi.advanceTimersByTime(900);
    await bench.offer('c');
    expect(bench.figures).toEqual([2, 0, 1]);
    vi.advanceTimersByTime(5000);
    await bench.end('c');
    vi.advanceTimersByTime(999);
    expect(bench.pool.assist).toBe(1);
    vi.advanceTimersByTime(1);
    expect(bench.pool.assist).toBe(0);
  });

  it('get work in such an order that those with too little of it go', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 2 }).start();
    await bench.offer('a', 'b', 'c');
    await bench.end('b');
    await bench.end('c');
    for (let index = 0; index < 3; index += 1) {
      vi.advanceTimersByTime(400);
      await bench.offer(`more ${index}`);
      await bench.end(`more ${index}`);
    }
    expect(bench.pool.assist).toBe(1);
  });

  it('never come when assistMax is 0', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 0 }).start();
    expect(await bench.offer('a', 'b', 'c')).toEqual([true, true, false]);
    expect(bench.figures).toEqual([1, 1, 0]);
  });

  it('do not keep the process alive while they are idle', async () => {
    vi.useRealTimers();
    const timeout = vi.spyOn(globalThis, 'setTimeout');
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 1 }).start();
    await bench.offer('a', 'b');
    await bench.end('b');
    const timers = timeout.mock.results.map((result): unknown => result.value);
    expect(timers).toHaveLength(1);
    expect((timers[0] as NodeJS.Timeout).hasRef()).toBe(false);
    bench.pool.stop();
    timeout.mockRestore();
  });
});
