/** The rows of the disk queue as text. */

import { describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../../src/base/errors.js';
import { storedEventFrom } from '../../../../src/protocol/stored-event.js';
import {
  deadText,
  idFrom,
  invalidFrom,
  invalidText,
  letterFrom,
  revivedText,
  waitingFrom,
  waitingText,
} from '../../../../src/queue/disk/record.js';
import { sampleEvent } from '../../../support/queue-events.js';

const event = sampleEvent('a');
const failed = new CallbackError('handler_failed', { cause: new Error('no luck') });

describe('the row of a waiting event', () => {
  it('is the stored event, and counts the runs that failed', () => {
    expect(waitingText(event, 0)).toBe(JSON.stringify(event));
    expect(waitingFrom(waitingText(event, 0))).toEqual({ item: event.toJSON(), attempts: 0 });
    expect(waitingFrom(waitingText(event, 2))).toEqual({
      item: { ...event.toJSON(), Attempts: 2 },
      attempts: 2,
    });
    expect(storedEventFrom(waitingFrom(waitingText(event, 2)).item).id).toBe('a');
  });

  it.each(['', 'no event', '"text"', 'null', '[1]', '5'])('cannot be %j', (text) => {
    expect(() => waitingFrom(text)).toThrow(expect.objectContaining({ code: 'body_not_json' }));
  });
});

describe('the row of a dead letter', () => {
  const text = deadText(event, 3, failed, 1_700_000_000_000);

  it('says what failed, how often and when', () => {
    const decode = vi.fn(() => event);
    expect(letterFrom(text, decode)).toEqual({
      id: 'a',
      event,
      error: { code: 'handler_failed', message: 'Error: no luck' },
      attempts: 3,
      diedAt: new Date(1_700_000_000_000),
    });
    expect(decode).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(event.toJSON()));
    expect(idFrom(text)).toBe('a');
  });

  it('has the message of the error itself where there is no cause', () => {
    const own = letterFrom(deadText(event, 1, new CallbackError('handler_timeout'), 0), () => event);
    expect(own.error).toEqual({
      code: 'handler_timeout',
      message: expect.stringContaining('handler_timeout: '),
    });
  });

  it('stays in the list when its event cannot be decoded any more', () => {
    const letter = letterFrom(text, () => {
      throw new CallbackError('body_invalid');
    });
    expect(letter).toMatchObject({ id: 'a', event: undefined, attempts: 3 });
  });

  it('survives without what a later release might leave out', () => {
    expect(letterFrom('{"Id":"a"}', () => event)).toMatchObject({
      error: { code: 'undefined', message: 'undefined' },
      attempts: 0,
      diedAt: new Date(0),
    });
  });

  it('becomes the stored event again, with nothing counted', () => {
    expect(revivedText(text)).toBe(waitingText(event, 0));
  });
});

describe('the row of what is no event', () => {
  it('keeps the text and the reason', () => {
    const error = new CallbackError('body_not_json', { message: 'a stored item is no JSON' });
    expect(invalidFrom(invalidText('{', error, 5))).toEqual({
      text: '{',
      error: { code: 'body_not_json', message: 'body_not_json: a stored item is no JSON' },
      foundAt: new Date(5),
    });
  });
});
