import { describe, expect, it } from 'vitest';
import { isCallbackEvent, isEvent } from '../../../src/protocol/event.js';
import { eventOf as sample } from '../../support/event-of.js';

describe('an event', () => {
  it('is recognised by its brand', () => {
    expect(isCallbackEvent(sample())).toBe(true);
    expect(Reflect.get(sample(), Symbol.for('qcloud-im-callback.event'))).toBe(true);
    for (const other of [null, undefined, 'x', {}]) expect(isCallbackEvent(other)).toBe(false);
    expect(isEvent(sample(), 'Group.CallbackAfterSendMsg')).toBe(true);
    expect(isEvent(sample(), 'Group.CallbackBeforeSendMsg')).toBe(false);
  });
});
