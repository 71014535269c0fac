import { describe, expect, it } from 'vitest';
import { isCallbackEvent, isEvent } from '../../../src/protocol/event.js';
import { type EventInit, eventFrom } from '../../../src/protocol/received-event.js';
import cases from '../../fixtures/dedupe-keys.json' with { type: 'json' };

const params = {
  SdkAppid: '1400000000',
  CallbackCommand: 'Room.CallbackUpdateRoomInfo',
  ContentType: 'json',
  ClientIP: '192.0.2.7',
  OptPlatform: 'IOS',
};

function sample(init: Partial<EventInit> = {}) {
  return eventFrom({
    command: 'Group.CallbackAfterSendMsg',
    params,
    body: { GroupId: 'g' },
    rawBody: new Uint8Array(),
    receivedAt: 5,
    ...init,
  });
}

describe('an event', () => {
  it('is recognised by its brand', () => {
    expect(isCallbackEvent(sample())).toBe(true);
    expect(Reflect.get(sample(), Symbol.for('qcloud-im-callback.event'))).toBe(true);
    for (const other of [null, undefined, 'x', {}]) expect(isCallbackEvent(other)).toBe(false);
    expect(isEvent(sample(), 'Group.CallbackAfterSendMsg')).toBe(true);
    expect(isEvent(sample(), 'Group.CallbackBeforeSendMsg')).toBe(false);
  });
});

describe('the time of an event', () => {
  it.each<[object, number | undefined]>([
    [{ EventTime: 1739000950123 }, 1739000950123],
    [{ EventTime: '1739000950' }, 1739000950_000],
    [{ CallbackTs: 1739000950 }, 1739000950_000],
    [{ RoomInfo: { EventTime: 1739000950 } }, 1739000950_000],
    [{ Events: [{ EventTime: 1739000950 }, { EventTime: 1 }] }, 1739000950_000],
    [{ EventTime: 'x', CallbackTs: 1739000950 }, 1739000950_000],
    [{ Events: [] }, undefined],
    [{ Events: [null] }, undefined],
    [{ Events: 'x', RoomInfo: [] }, undefined],
    [{}, undefined],
  ])('of %j is %j', (body, wanted) => {
    expect(sample({ body }).time?.getTime()).toBe(wanted);
  });
});

describe('dedupeKey', () => {
  it.each(cases)('$title', ({ command, body, requestId, key }) => {
    const event = sample({
      command,
      body,
      params: requestId === undefined ? params : { ...params, RequestId: requestId },
    });
    expect(event.dedupeKey ?? null).toEqual(key === null ? null : JSON.stringify(key));
  });
});

describe('the trace context of an event', () => {
  const TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;

  it('is what came, if that is one', () => {
    expect(sample({ traceparent: TRACE }).traceparent).toBe(TRACE);
    for (const traceparent of [
      undefined,
      '',
      `${TRACE}, ${TRACE}`,
      TRACE.toUpperCase().replaceAll('1', 'A'),
      'x',
    ]) {
      expect(sample({ traceparent }).traceparent).toBeUndefined();
    }
  });

  it('can be replaced; the event is the same', () => {
    const event = sample();
    const traced = event.withTraceparent(TRACE);
    expect([traced.id, traced.traceparent, event.traceparent]).toEqual([event.id, TRACE, undefined]);
    expect(traced.forAttempt(2, () => new AbortController().signal)).toMatchObject({
      attempt: 2,
      traceparent: TRACE,
    });
  });
});
