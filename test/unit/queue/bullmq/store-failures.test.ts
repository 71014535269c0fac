/** Reports of a store that fails. */

import { describe, expect, it } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { plainWordsFor, QUIET_MS, storeFailureTeller } from '../../../../src/queue/bullmq/store-failures.js';
import type { QueueProblem } from '../../../../src/queue/queue.js';

const oom = (script: string): Error =>
  new Error(`OOM command not allowed when used memory > 'maxmemory'. script: ${script}`);

function setUp() {
  const clock = { now: 0 };
  const told: QueueProblem[] = [];
  const failed = storeFailureTeller(
    (problem) => told.push(problem),
    () => clock.now,
  );
  return { clock, told, failed, causes: () => told.map(({ error }) => String(error.cause)) };
}

describe('storeFailureTeller', () => {
  it('tells a failure once for as long as it comes again and again, though others come between', () => {
    const { clock, failed, told, causes } = setUp();
    for (let round = 0; round < 5; round += 1) {
      failed(new Error('away'));
      failed(new Error('late'));
      clock.now += QUIET_MS - 1;
    }
    expect(causes()).toEqual(['Error: away', 'Error: late']);
    expect(told[0]).toMatchObject({ kind: 'store', error: { code: 'queue_failed' } });
  });

  it('tells it again when it has not been seen for a while', () => {
    const { clock, failed, causes } = setUp();
    failed(new Error('away'));
    clock.now += QUIET_MS;
    failed(new Error('away'));
    expect(causes()).toEqual(['Error: away', 'Error: away']);
  });

  it('says once that Redis is full, whichever script found it so', () => {
    const { failed, told } = setUp();
    failed(oom('1e9b'));
    failed(oom('d96c'));
    expect(told).toHaveLength(1);
    expect(told[0]?.error.message).toMatch(/^queue_failed: Redis is full \(maxmemory\)/);
    expect(told[0]?.error.cause).toEqual(oom('1e9b'));
  });

  it('takes a coded error as it is', () => {
    const { failed, told } = setUp();
    const error = new CallbackError('queue_failed');
    failed(error);
    expect(told).toEqual([{ kind: 'store', error }]);
  });
});

describe('plainWordsFor', () => {
  it('knows a full Redis, and nothing else', () => {
    expect(plainWordsFor(oom('a'))).toMatch(/^Redis is full/);
    expect(plainWordsFor(new Error('away'))).toBeUndefined();
    expect(plainWordsFor(undefined)).toBeUndefined();
  });
});
