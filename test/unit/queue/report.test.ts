/** How every queue tells its owner of problems. */

import { describe, expect, it } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { alreadyStartedError, handDead, tell } from '../../../src/queue/report.js';
import { Recorder, sampleEvent } from '../../support/queue-events.js';

const error = new CallbackError('handler_failed');
const event = sampleEvent('a');

describe('tell', () => {
  it('tells nobody before there is somebody, and survives a consumer that throws', () => {
    const consumer = new Recorder();
    consumer.report = () => {
      throw new Error('broken');
    };
    expect(() => tell(undefined, { kind: 'store', error })).not.toThrow();
    expect(() => tell(consumer, { kind: 'store', error })).not.toThrow();
  });
});

describe('handDead', () => {
  it('hands over the event and its error, and needs nobody to take them', () => {
    const consumer = new Recorder();
    const taken: unknown[] = [];
    handDead(
      (...both) => taken.push(both),
      error,
      event,
      2,
      (problem) => tell(consumer, problem),
    );
    handDead(undefined, error, event, 2, (problem) => tell(consumer, problem));
    expect(taken).toEqual([[event, error]]);
    expect(consumer.told).toEqual([]);
  });

  it('tells that onDead failed, with its event', async () => {
    const consumer = new Recorder();
    const onDead = () => Promise.reject(new Error('disk full'));
    handDead(onDead, error, event, 2, (problem) => tell(consumer, problem));
    await expect.poll(() => consumer.told).toEqual(['store a']);
    expect(consumer.problems[0]).toMatchObject({
      attempt: 2,
      error: { message: 'queue_failed: onDead failed' },
    });
  });
});

describe('alreadyStartedError', () => {
  it('says that each receiver needs a queue of its own', () => {
    expect(alreadyStartedError()).toMatchObject({
      name: 'ConfigurationError',
      code: 'option_invalid',
      message: expect.stringContaining('a queue of its own'),
    });
  });
});
