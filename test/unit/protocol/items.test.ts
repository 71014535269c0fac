import { describe, expect, it } from 'vitest';
import { itemsOf } from '../../../src/protocol/items.js';
import { type EventInit, eventFrom } from '../../../src/protocol/received-event.js';

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

describe('itemsOf', () => {
  it('gives each item of a list with its own time', () => {
    const first = { EventTime: 1739000950 };
    expect(itemsOf(sample({ body: { Events: [first, {}] } }))).toEqual([
      { item: first, time: new Date(1739000950_000) },
      { item: {}, time: undefined },
    ]);
    expect(itemsOf(sample({ body: { Events: [] } }))).toEqual([]);
  });

  it('gives any other body as the only item', () => {
    const body = { EventTime: 1739000950 };
    expect(itemsOf(sample({ body }))).toEqual([{ item: body, time: new Date(1739000950_000) }]);
  });
});
