/** An event with as much of what it is made of as a test cares for. */

import { type EventInit, eventFrom } from '../../src/protocol/received-event.js';

export const eventParams = {
  SdkAppid: '1400000000',
  CallbackCommand: 'Room.CallbackUpdateRoomInfo',
  ContentType: 'json',
  ClientIP: '192.0.2.7',
  OptPlatform: 'IOS',
};

export function eventOf(init: Partial<EventInit> = {}) {
  return eventFrom({
    command: 'Group.CallbackAfterSendMsg',
    params: eventParams,
    body: { GroupId: 'g' },
    rawBody: new Uint8Array(),
    receivedAt: 5,
    ...init,
  });
}
