/** How runs that ended are counted and told. */

import { describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { Outcomes } from '../../../src/queue/outcomes.js';
import { Recorder, sampleEvent, settled } from '../../support/queue-events.js';

const error = new CallbackError('handler_failed');
const event = sampleEvent('a');

function outcomesFor(onDead?: (...dead: unknown[]) => unknown) {
  const consumer = new Recorder();
  const outcomes = new Outcomes(onDead);
  outcomes.listen(consumer);
  return { consumer, outcomes };
}

describe('a run that failed', () => {
  it('is a retry when another follows', () => {
    const onDead = vi.fn();
    const { consumer, outcomes } = outcomesFor(onDead);
    outcomes.runFailed(event, 2, error, true);
    expect(consumer.problems).toEqual([{ kind: 'retry', error, event, attempt: 2 }]);
    expect(outcomes).toMatchObject({ failed: 1, dead: 0, done: 0 });
    expect(onDead).not.toHaveBeenCalled();
  });

  it('leaves its event dead when none follows, which onDead gets', () => {
    const onDead = vi.fn();
    const { consumer, outcomes } = outcomesFor(onDead);
    outcomes.runFailed(event, 3, error, false);
    expect(consumer.problems).toEqual([{ kind: 'dead', error, event, attempt: 3 }]);
    expect(outcomes).toMatchObject({ failed: 1, dead: 1, done: 1 });
    expect(onDead).toHaveBeenCalledExactlyOnceWith(event, error);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('is told again, as not stored, when onDead %s', async (_, onDead) => {
    const { consumer, outcomes } = outcomesFor(onDead);
    outcomes.runFailed(event, 1, error, false);
    await settled();
    expect(consumer.told).toEqual(['dead a', 'store a']);
    expect(consumer.problems[1]).toMatchObject({
      attempt: 1,
      error: { code: 'queue_failed', message: 'queue_failed: onDead failed', cause: new Error('disk full') },
    });
  });

  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('report broke');
      },
    ],
    ['rejects', () => Promise.reject(new Error('report broke'))],
  ])('is counted though the report %s', async (_, report) => {
    const { consumer, outcomes } = outcomesFor();
    consumer.report = report;
    outcomes.runFailed(event, 1, error, true);
    outcomes.runFailed(event, 2, error, false);
    await settled();
    expect(outcomes).toMatchObject({ failed: 2, dead: 1 });
  });
});

describe('what is told', () => {
  it('goes to nobody before there is somebody', () => {
    const outcomes = new Outcomes(undefined);
    const consumer = new Recorder();
    outcomes.tell({ kind: 'store', error });
    outcomes.listen(consumer);
    outcomes.tell({ kind: 'invalid', error });
    expect(consumer.problems).toEqual([{ kind: 'invalid', error }]);
  });
});

it('What is done is completed or dead.', () => {
  const { outcomes } = outcomesFor();
  outcomes.completed += 2;
  outcomes.runFailed(event, 1, error, false);
  expect(outcomes.done).toBe(3);
});
