/** The places of the pool: held ones, those before start, those that become free, and none after stop. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bench } from '../../../support/pool-bench.js';
import { settled } from '../../../support/queue-events.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a held place', () => {
  it('counts in the bound', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 0 }).start();
    expect(bench.pool.hold()).toBe(true);
    expect(await bench.offer('a')).toEqual([true]);
    expect(bench.pool.hold()).toBe(false);
    expect(await bench.offer('b')).toEqual([false]);
  });

  it('blocks no worker', async () => {
    const bench = new Bench({ workers: 1, capacity: 3 }).start();
    bench.pool.hold();
    bench.pool.hold();
    await bench.offer('a');
    expect(bench.running).toEqual(['a']);
    expect(bench.figures).toEqual([1, 2, 0]);
  });

  it('is kept by a job whose run says so, which resume brings back', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 0 }).start();
    await bench.offer('again');
    await bench.end('again', true);
    expect(bench.ended).toEqual([]);
    expect(bench.figures).toEqual([0, 1, 0]);
    bench.pool.resume(bench.job('again'));
    await settled();
    expect(bench.figures).toEqual([1, 0, 0]);
    await bench.end('again');
    expect(bench.begun).toEqual(['again', 'again']);
    expect(bench.ended).toEqual(['again']);
  });

  it('becomes a place in the list when no worker is free', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 0 }).start();
    await bench.offer('a');
    bench.pool.hold();
    bench.pool.resume(bench.job('b'));
    await settled();
    expect(bench.figures).toEqual([1, 1, 0]);
    await bench.end('a');
    expect(bench.running).toEqual(['b']);
  });

  it('fills the list, so that an assist worker takes what is in it', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 1 }).start();
    await bench.offer('a', 'listed');
    expect(bench.pool.hold()).toBe(true);
    await settled();
    expect(bench.running).toEqual(['a', 'listed']);
    expect(bench.figures).toEqual([2, 1, 1]);
  });

  it('may be beyond the capacity when nothing is listed', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 1 }).start();
    expect([1, 2, 3, 4].map(() => bench.pool.hold())).toEqual([true, true, true, false]);
    expect(bench.figures).toEqual([0, 3, 0]);
    bench.pool.resume(bench.job('a'));
    bench.pool.resume(bench.job('b'));
    bench.pool.resume(bench.job('c'));
    await settled();
    expect(bench.running).toEqual(['a', 'b']);
    expect(bench.figures).toEqual([2, 1, 1]);
  });
});

describe('a pool that is not started', () => {
  it('accepts up to the bound and runs nothing', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 1 });
    expect(await bench.offer('a', 'b', 'c', 'd')).toEqual([true, true, true, false]);
    expect(bench.pool.hold()).toBe(false);
    expect(bench.figures).toEqual([0, 3, 0]);
  });

  it('runs what it accepted when it is started, with as many assist workers as the list is too long', async () => {
    const bench = new Bench({ workers: 2, capacity: 1, assistMax: 2 });
    await bench.offer('a', 'b', 'c', 'd');
    bench.start();
    await settled();
    expect(bench.begun).toEqual(['a', 'b', 'c']);
    expect(bench.figures).toEqual([3, 1, 1]);
  });

  it('leaves masters idle that have nothing to do when it is started', async () => {
    const bench = new Bench({ workers: 3, capacity: 1 });
    await bench.offer('a', 'b');
    bench.start();
    await settled();
    expect(bench.figures).toEqual([2, 0, 0]);
  });

  it('keeps held places for later when it is started', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 1 });
    bench.pool.hold();
    bench.pool.hold();
    bench.start();
    await settled();
    expect(bench.figures).toEqual([0, 2, 0]);
  });
});

describe('a place that becomes free', () => {
  it('can be taken by who is told of it, also without a list', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 0 }).start();
    await bench.offer('a');
    bench.onEnded = () => {
      bench.onEnded = () => undefined;
      expect(bench.pool.full).toBe(false);
      expect(bench.pool.offer(bench.job('b'))).toBe(true);
    };
    await bench.end('a');
    expect(bench.running).toEqual(['b']);
  });

  it('goes to the end of the list', async () => {
    const bench = new Bench({ workers: 1, capacity: 1, assistMax: 0 }).start();
    await bench.offer('a', 'b');
    bench.onEnded = () => {
      bench.pool.offer(bench.job('c'));
      bench.onEnded = () => undefined;
    };
    await bench.end('a');
    expect(bench.running).toEqual(['b']);
    expect(bench.figures).toEqual([1, 1, 0]);
  });
});

describe('a pool that is stopped', () => {
  it('accepts nothing and forgets what is listed and held', async () => {
    const bench = new Bench({ workers: 1, capacity: 5 }).start();
    await bench.offer('a', 'b');
    bench.pool.hold();
    bench.pool.stop();
    expect(await bench.offer('c')).toEqual([false]);
    expect(bench.pool.hold()).toBe(false);
    expect(bench.figures).toEqual([1, 0, 0]);
    await bench.end('a');
    expect(bench.begun).toEqual(['a']);
    expect(bench.figures).toEqual([0, 0, 0]);
  });

  it('does not begin a job that a worker has taken but not begun', async () => {
    const bench = new Bench({}).start();
    bench.pool.offer(bench.job('a'));
    bench.pool.stop();
    await settled();
    expect(bench.begun).toEqual([]);
    expect(bench.figures).toEqual([0, 0, 0]);
  });

  it('has no idle assist workers and no timers', async () => {
    const bench = new Bench({ workers: 1, capacity: 0, assistMax: 2 }).start();
    await bench.offer('a', 'b', 'c');
    await bench.end('b');
    expect(vi.getTimerCount()).toBe(1);
    bench.pool.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(bench.figures).toEqual([2, 0, 1]);
    await bench.end('c');
    expect(bench.figures).toEqual([1, 0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
