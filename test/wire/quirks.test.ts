/** Quirks of bodies as documents show them: protocol.md section 7. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyCallbackEvent, COMMANDS, type Command, isEvent, itemsOf } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { parseExact, valueAt } from '../support/catalogue.js';
import { type ExpressReceiver, startExpressReceiver } from '../support/express-receiver.js';

let receiver: ExpressReceiver;
beforeAll(async () => {
  receiver = await startExpressReceiver();
});
afterAll(() => receiver.close());

/** Sends a body and gives the event that the handler of the command got. */
async function eventOf(command: Command, body: string | object): Promise<AnyCallbackEvent> {
  const { status, answer, event } = await receiver.send(command, body);
  expect({ status, answer, command: event?.command }).toMatchObject({ status: 200, command });
  if (event === undefined) throw new Error('no handler ran');
  return event;
}

/** The same with the sample of the command, some of whose fields are replaced. */
function changedEventOf(command: Command, fields: object): Promise<AnyCallbackEvent> {
  return eventOf(command, { ...sampleBody(command), ...fields });
}

describe('what the wire may surprise with', () => {
  it('takes null for absence and keeps it in rawBody', async () => {
    const event = await changedEventOf('C2C.CallbackAfterSendMsg', {
      CloudCustomData: null,
      MsgBody: [{ MsgType: 'TIMSoundElem', MsgContent: { Url: null, UUID: 'u' } }],
    });
    expect(Object.keys(event.body)).not.toContain('CloudCustomData');
    expect(valueAt(event.body, 'MsgBody')).toEqual([{ MsgType: 'TIMSoundElem', MsgContent: { UUID: 'u' } }]);
    expect(new TextDecoder().decode(event.rawBody)).toContain('"CloudCustomData":null');
  });

  it('takes an empty EventTime for absence', async () => {
    const event = await changedEventOf('Group.CallbackAfterSendMsg', { EventTime: '' });
    expect(Object.keys(event.body)).not.toContain('EventTime');
    expect(event.time).toBeUndefined();
  });

  it('takes durations with fractions and coordinates as text', async () => {
    const MsgBody = [
      { MsgType: 'TIMSoundElem', MsgContent: { Second: 2.48 } },
      { MsgType: 'TIMVideoFileElem', MsgContent: { VideoSecond: '0.5' } },
      { MsgType: 'TIMLocationElem', MsgContent: { Latitude: '39.916527', Longitude: '-116' } },
    ];
    const event = await changedEventOf('C2C.CallbackAfterSendMsg', { MsgBody });
    expect(valueAt(event.body, 'MsgBody')).toEqual([
      { MsgType: 'TIMSoundElem', MsgContent: { Second: 2.48 } },
      { MsgType: 'TIMVideoFileElem', MsgContent: { VideoSecond: 0.5 } },
      { MsgType: 'TIMLocationElem', MsgContent: { Latitude: 39.916527, Longitude: -116 } },
    ]);
  });

  it('takes any type for a field that no page documents', async () => {
    for (const SyncOtherMachine of [1, '2', true, {}, []]) {
      const event = await changedEventOf('C2C.CallbackAfterSendMsg', { SyncOtherMachine });
      expect(valueAt(event.body, 'SyncOtherMachine')).toEqual(SyncOtherMachine);
    }
  });
});

describe('7.1: numbers and times', () => {
  it('reads EventTime as milliseconds, and inside Push events as seconds', async () => {
    const message = await changedEventOf('Group.CallbackAfterSendMsg', { EventTime: 1761033600123 });
    expect(message.time).toEqual(new Date(1761033600123));
    const [item] = sampleBody('Push.OfflinePush')['Events'] as object[];
    const Events = [
      { ...item, EventTime: 1761033601 },
      { ...item, EventTime: 1761033999 },
    ];
    const push = await eventOf('Push.OfflinePush', { Events });
    expect(push.time).toEqual(new Date(1761033601000));
    if (!isEvent(push, 'Push.OfflinePush')) throw new Error('another command');
    expect(itemsOf(push).map(({ time }) => time?.getTime())).toEqual([1761033601000, 1761033999000]);
  });

  it.each([
    'Group.CallbackBeforeSendMsg',
    'Group.CallbackAfterSendMsg',
    'Group.CallbackAfterNewMemberJoin',
    'Group.CallbackSendMsgException',
  ] as const)('takes EventTime of %s as text and gives a number', async (command) => {
    const event = await changedEventOf(command, { EventTime: '1761033600123' });
    expect(valueAt(event.body, 'EventTime')).toBe(1761033600123);
    expect(event.time).toEqual(new Date(1761033600123));
  });

  it('keeps MsgTime and LastReadTime in seconds beside an EventTime in milliseconds', async () => {
    const message = await changedEventOf('C2C.CallbackAfterSendMsg', { MsgTime: 1739000200 });
    expect(valueAt(message.body, 'MsgTime')).toBe(1739000200);
    const times = { LastReadTime: 1739000300, EventTime: 1739000300789 };
    const report = await changedEventOf('C2C.CallbackAfterMsgReport', times);
    expect(report.body).toMatchObject(times);
    expect(report.time).toEqual(new Date(1739000300789));
  });

  it('takes MsgSeq, MsgRandom and Random over the whole unsigned 32-bit range', async () => {
    const c2c = { MsgSeq: 4294967295, MsgRandom: 4294967295 };
    expect((await changedEventOf('C2C.CallbackBeforeSendMsg', c2c)).body).toMatchObject(c2c);
    const group = { Random: 4294967295, MsgSeq: 4294967295 };
    expect((await changedEventOf('Group.CallbackAfterSendMsg', group)).body).toMatchObject(group);
  });

  it.each([
    ['Live.CallbackAfterDestroyRoom', 'RoomInfo.Owner_Account', '"Owner_Account"'],
    ['Live.CallbackAfterEndBattle', 'FromRoomInfo.Owner_Account', '"Owner_Account"'],
    ['Mic.CallbackAfterSeatInfoChanged', 'SeatList[].Member_Account', '"Member_Account"'],
    ['Call.CallbackAfterStartCall', 'UserList[].User_Account', '"User_Account"'],
  ] as const)('loses no digit of a bare 18-digit number in %s %s', async (command, path, name) => {
    // As doubles the two are the same number.
    for (const digits of ['144115210000000001', '144115210000000009']) {
      const text = JSON.stringify(sampleBody(command)).replace(
        new RegExp(`${name}:(?:"[^"]*"|\\d+)`),
        `${name}:${digits}`,
      );
      expect(text).toContain(`:${digits}`);
      expect(valueAt((await eventOf(command, text)).body, path)).toBe(digits);
    }
  });

  it('leaves MsgId, which only looks like a 64-bit number, as it is', async () => {
    const MsgId = '144115233406643804-1727580296-4026038328';
    const event = await changedEventOf('C2C.CallbackAfterSendMsg', { MsgId });
    expect(event.body).toMatchObject({ MsgId });
  });

  it('takes profile values as uint32, uint64, text and bytes as text', async () => {
    const text = `{"From_Account":"mika","ProfileItem":[
      {"Tag":"Tag_Profile_IM_Level","Value":4294967295},
      {"Tag":"Tag_Profile_IM_Big","Value":18446744073709551615},
      {"Tag":"Tag_Profile_IM_Nick","Value":"12345678901234567890"},
      {"Tag":"Tag_Profile_Custom_B","Value":"AAEC/w=="}]}`;
    const event = await eventOf('Profile.CallbackPortraitSet', text);
    if (!isEvent(event, 'Profile.CallbackPortraitSet')) throw new Error('another command');
    expect(event.body.ProfileItem.map(({ Value }) => Value)).toEqual([
      4294967295,
      '18446744073709551615',
      '12345678901234567890',
      'AAEC/w==',
    ]);
  });

  it('takes CallResult as number and as text and gives text', async () => {
    for (const [CallResult, seen] of [
      ['NormalEnd', 'NormalEnd'],
      [3, '3'],
    ]) {
      const CallRecord = { CallId: 'c', Caller_Account: 'mika', CalleeList_Account: ['noel'], CallResult };
      const event = await eventOf('Call.CallbackAfterEndCall', { CallRecord });
      expect(valueAt(event.body, 'CallRecord.CallResult')).toBe(seen);
    }
  });

  it('takes SdkAppId of ContentCallback as a number and MsgID as MsgKey, MsgSeq or nothing', async () => {
    const { MsgID: _, ...rest } = sampleBody('ContentCallback.ResultNotify');
    for (const [given, seen] of [
      [{ MsgID: '71234_4012345678_1739000200' }, '71234_4012345678_1739000200'],
      [{ MsgID: 4711 }, '4711'],
      [{}, undefined],
    ] as const) {
      const event = await eventOf('ContentCallback.ResultNotify', { ...rest, ...given });
      expect(valueAt(event.body, 'MsgID')).toBe(seen);
      expect(valueAt(event.body, 'SdkAppId')).toBe(1400000001);
    }
  });
});

describe('7.2: names', () => {
  it('calls the random number MsgRandom in one-to-one bodies and Random in group bodies', async () => {
    const c2c = await eventOf('C2C.CallbackBeforeSendMsg', sampleBody('C2C.CallbackBeforeSendMsg'));
    const group = await eventOf('Group.CallbackBeforeSendMsg', sampleBody('Group.CallbackBeforeSendMsg'));
    expect([valueAt(c2c.body, 'MsgRandom'), valueAt(c2c.body, 'Random')]).toEqual([
      expect.any(Number),
      undefined,
    ]);
    expect([valueAt(group.body, 'MsgRandom'), valueAt(group.body, 'Random')]).toEqual([
      undefined,
      expect.any(Number),
    ]);
  });

  it('knows MsgWithDraw with a capital D, and AfterRecallMsg for groups', async () => {
    const known = COMMANDS.map(({ name }) => String(name));
    expect(known).toContain('C2C.CallbackAfterMsgWithDraw');
    expect(known).toContain('OfficialAccount.CallbackAfterMsgWithDraw');
    expect(known).toContain('Group.CallbackAfterRecallMsg');
    const { status, unhandled } = await receiver.send('C2C.CallbackAfterMsgWithdraw', { a: 1 });
    expect([status, unhandled?.known]).toEqual([200, false]);
  });

  it('hands the ErrorCode and ErrorInfo of Group.CallbackSendMsgException to the handler', async () => {
    const failure = { ErrorCode: 10017, ErrorInfo: 'sender is muted' };
    const outcome = await receiver.send('Group.CallbackSendMsgException', {
      ...sampleBody('Group.CallbackSendMsgException'),
      ...failure,
    });
    expect(outcome.event?.body).toMatchObject(failure);
    expect(outcome.answer).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
  });

  it.each([
    'Group.CallbackBeforeSendMsg',
    'Group.CallbackAfterSendMsg',
    'Group.CallbackAfterModifyMsg',
    'Group.CallbackAfterRecallMsg',
  ] as const)('takes %s with an empty TopicId and with none', async (command) => {
    const { TopicId: _, ...rest } = sampleBody(command);
    expect(valueAt((await eventOf(command, { ...rest, TopicId: '' })).body, 'TopicId')).toBe('');
    expect((await eventOf(command, rest)).extra('TopicId')).toBeUndefined();
  });

  it('takes groups of Type Live', async () => {
    const event = await changedEventOf('Group.CallbackBeforeSendMsg', { Type: 'Live' });
    expect(event.body).toMatchObject({ Type: 'Live' });
  });

  it('finds EventTime of Live.CallbackAfterCreateRoom at either of its places', async () => {
    const time = new Date(1761033600123);
    const RoomInfo = { RoomId: 'live_room_2207' };
    const outside = await eventOf('Live.CallbackAfterCreateRoom', { RoomInfo, EventTime: 1761033600123 });
    const inside = { RoomInfo: { ...RoomInfo, EventTime: 1761033600123 } };
    expect(outside.time).toEqual(time);
    expect((await eventOf('Live.CallbackAfterCreateRoom', inside)).time).toEqual(time);
    expect((await eventOf('Live.CallbackAfterCreateRoom', { RoomInfo })).time).toBeUndefined();
  });

  it('reads the robots of Bot.OnGroupMessage from AtRobots_Account only', async () => {
    const { AtRobots_Account, ...rest } = sampleBody('Bot.OnGroupMessage');
    const event = await eventOf('Bot.OnGroupMessage', { ...rest, AtRobots_Account: ['@RBT#001'] });
    expect(event.body).toMatchObject({ AtRobots_Account: ['@RBT#001'] });
    const { status, answer } = await receiver.send('Bot.OnGroupMessage', {
      ...rest,
      AtRobotAccount: AtRobots_Account,
    });
    expect(status).toBe(400);
    expect(answer['ErrorInfo']).toBe('body_invalid: /AtRobots_Account is missing');
  });

  it.each(['free', 'ready', 'notReady', 'rest', 'offline'])(
    'takes the Status %s of Member.EventNotify, listed or not',
    async (Status) => {
      expect((await changedEventOf('Member.EventNotify', { Status })).body).toMatchObject({ Status });
    },
  );

  it.each(['Name', 'Introduction', 'Notification', 'FaceUrl', 'SomeCustomField'])(
    'takes Group.CallbackAfterGroupInfoChanged with nothing but a new %s',
    async (name) => {
      const body = { CallbackCommand: 'Group.CallbackAfterGroupInfoChanged', GroupId: 'g', [name]: '新' };
      expect((await eventOf('Group.CallbackAfterGroupInfoChanged', body)).extra(name)).toBe('新');
    },
  );

  it('does not mind the order of keys', async () => {
    const backwards = Object.entries(sampleBody('C2C.CallbackBeforeSendMsg')).reverse();
    const text = JSON.stringify(Object.fromEntries(backwards));
    expect(text.indexOf('MsgBody')).toBeLessThan(text.indexOf('CallbackCommand'));
    const event = await eventOf('C2C.CallbackBeforeSendMsg', text);
    expect(event.body).toEqual(parseExact(text));
  });

  it('keeps AfterMemberFieldChanged apart from the read receipt whose title the vendor gave it', async () => {
    const titles = COMMANDS.filter(({ title }) => /read receipt/i.test(title)).map(({ name }) => name);
    expect(titles).not.toContain('Group.CallbackAfterMemberFieldChanged');
    await changedEventOf('Group.CallbackAfterMemberFieldChanged', {});
    await changedEventOf('Group.CallbackAfterReadReceipt', {});
  });

  it('refuses the comments and missing commas of documented samples, which real bodies lack', async () => {
    for (const text of [
      '{"GroupId":"g" // the group\n}',
      '{"GroupId":"g" "Type":"Public"}',
      '{"GroupId":"g",}',
    ]) {
      const { status, answer } = await receiver.send('Group.CallbackAfterGroupFull', text);
      expect([status, String(answer['ErrorInfo']).split(':')[0]]).toEqual([400, 'body_not_json']);
    }
  });
});

describe('7.3: State.StateChange', () => {
  const actions = ['Login', 'Logout', 'Disconnect', 'CustomStatusChange', 'NewAction'];
  const reasons = ['Register', 'Unregister', 'LinkClose', 'TimeOut', 'SetCustomStatus', 'NewReason'];

  it.each(actions)('takes the Action %s with every Reason, documented pair or not', async (Action) => {
    for (const Reason of reasons) {
      const body = { CallbackCommand: 'State.StateChange', Info: { Action, To_Account: 'mika', Reason } };
      expect((await eventOf('State.StateChange', body)).body).toEqual(body);
    }
  });

  it.each(['iOS', 'Android', 'Web', 'Windows', 'iPad', 'Mac', 'Linux', 'HarmonyOS'])(
    'takes a KickedDevice with Platform %s, and a Login that kicked nobody',
    async (Platform) => {
      const Info = { Action: 'Login', To_Account: 'mika', Reason: 'Register' };
      const event = await eventOf('State.StateChange', { Info, KickedDevice: [{ Platform }] });
      expect(event.body).toMatchObject({ KickedDevice: [{ Platform }] });
      expect((await eventOf('State.StateChange', { Info })).extra('KickedDevice')).toBeUndefined();
    },
  );

  it('takes a custom status inside Info and beside it', async () => {
    const Info = { Action: 'CustomStatusChange', To_Account: 'mika', Reason: 'SetCustomStatus' };
    const inside = await eventOf('State.StateChange', { Info: { ...Info, CustomStatus: '忙' } });
    expect(valueAt(inside.body, 'Info.CustomStatus')).toBe('忙');
    const beside = await eventOf('State.StateChange', { Info, CustomStatus: '忙' });
    expect(beside.extra('CustomStatus')).toBe('忙');
  });
});
