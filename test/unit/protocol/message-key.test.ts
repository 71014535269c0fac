import { describe, expect, it } from 'vitest';
import { messageKey } from '../../../src/protocol/message-key.js';
import { eventFrom } from '../../../src/protocol/received-event.js';
import { sampleEvent } from '../../../src/testing.js';

const PEER = { From_Account: 'mika', To_Account: 'noel' };
const KEY = '71234_4012345678_1739000200';
const GROUP = { GroupId: '@TGS#1', TopicId: '' };
const IDS = { MsgSeq: 88, MsgId: '144115-1739000200-7' };

function eventOf(body: unknown) {
  return eventFrom({
    command: 'My.Command',
    params: { SdkAppid: '1', CallbackCommand: 'My.Command', ContentType: '', ClientIP: '', OptPlatform: '' },
    body,
    rawBody: new Uint8Array(),
    receivedAt: 0,
  });
}

describe('the key of a one-to-one message', () => {
  const sent = messageKey(sampleEvent('C2C.CallbackAfterSendMsg', { body: { ...PEER, MsgKey: KEY } }));

  it('is made of app, both accounts and MsgKey', () => {
    expect(sent).toEqual({
      key: JSON.stringify(['1400000000', 'C2C', 'mika', 'noel', 'MsgKey', KEY]),
      id: 'MsgKey',
    });
  });

  it('is the same before it is sent, when it is edited, recalled and read, and to a robot', () => {
    const body = { ...PEER, MsgKey: KEY };
    for (const command of [
      'C2C.CallbackBeforeSendMsg',
      'C2C.CallbackAfterModifyMsg',
      'C2C.CallbackAfterMsgWithDraw',
      'C2C.CallbackAfterC2CMsgExtension',
      'Bot.OnC2CMessage',
    ] as const) {
      expect(messageKey(sampleEvent(command, { body })), command).toEqual(sent);
    }
    const read = sampleEvent('C2C.CallbackAfterMsgReadReceipt', { body: { C2CMsgInfo: [body] } });
    expect(read.body.C2CMsgInfo.map((item) => messageKey(read, item))).toEqual([sent]);
  });

  it('is the same whichever account the callback names first', () => {
    const body = { From_Account: 'noel', To_Account: 'mika', MsgKey: KEY };
    expect(messageKey(eventOf(body))?.key).toBe(messageKey(eventOf({ ...PEER, MsgKey: KEY }))?.key);
  });

  it('is the same where MsgKey is missing and its three parts are there', () => {
    const parts = { MsgSeq: 71234, MsgRandom: 4012345678, MsgTime: 1739000200 };
    expect(messageKey(eventOf({ ...PEER, ...parts }))).toEqual(messageKey(eventOf({ ...PEER, MsgKey: KEY })));
    expect(messageKey(eventOf({ ...PEER, ...parts, MsgTime: undefined }))).toBeUndefined();
  });

  it('is made of MsgId where there is nothing better', () => {
    expect(messageKey(eventOf({ ...PEER, MsgId: IDS.MsgId }))?.id).toBe('MsgId');
  });
});

describe('the key of a group message', () => {
  const sent = messageKey(sampleEvent('Group.CallbackAfterSendMsg', { body: { ...GROUP, ...IDS } }));

  it('is made of app, group, topic and MsgSeq', () => {
    expect(sent).toEqual({
      key: JSON.stringify(['1400000000', 'Group', '@TGS#1', '', 'MsgSeq', '88']),
      id: 'MsgSeq',
    });
  });

  it('is the same when it is edited, recalled and read, and to a robot', () => {
    for (const command of ['Group.CallbackAfterModifyMsg', 'Bot.OnGroupMessage'] as const) {
      expect(messageKey(sampleEvent(command, { body: { ...GROUP, MsgSeq: 88 } })), command).toEqual(sent);
    }
    const recalled = sampleEvent('Group.CallbackAfterRecallMsg', {
      body: { ...GROUP, MsgSeqList: [{ MsgSeq: 88 }, { MsgSeq: 89 }] },
    });
    const [first, second] = recalled.body.MsgSeqList.map((item) => messageKey(recalled, item));
    expect(first).toEqual(sent);
    expect(second?.key).not.toBe(sent?.key);
    const read = sampleEvent('Group.CallbackAfterReadReceipt', {
      body: { ...GROUP, GroupMsgReceiptList: [{ MsgSeq: 88 }] },
    });
    expect(read.body.GroupMsgReceiptList.map((item) => messageKey(read, item))).toEqual([sent]);
  });

  it('is not there for the whole of a callback that tells of several', () => {
    expect(messageKey(sampleEvent('Group.CallbackAfterRecallMsg'))).toBeUndefined();
  });

  it('holds the topic', () => {
    const inTopic = messageKey(eventOf({ ...GROUP, ...IDS, TopicId: '@TOPIC#_1' }));
    expect(inTopic?.key).not.toBe(messageKey(eventOf({ ...GROUP, ...IDS }))?.key);
    expect(messageKey(eventOf({ GroupId: '@TGS#1', ...IDS }))).toEqual(
      messageKey(eventOf({ ...GROUP, ...IDS })),
    );
  });

  it('is made of MsgId before it is sent, when it has no MsgSeq', () => {
    const before = messageKey(
      sampleEvent('Group.CallbackBeforeSendMsg', { body: { ...GROUP, MsgId: IDS.MsgId } }),
    );
    expect(before).toEqual({
      key: JSON.stringify(['1400000000', 'Group', '@TGS#1', '', 'MsgId', IDS.MsgId]),
      id: 'MsgId',
    });
  });
});

describe('the key of a message', () => {
  it('of an official account is the same when it is recalled', () => {
    const account = { Official_Account: '@TOA#_news' };
    const sent = sampleEvent('OfficialAccount.CallbackAfterSendMsg', {
      body: { ...account, MsgKey: '71_1_2' },
    });
    const recalled = sampleEvent('OfficialAccount.CallbackAfterMsgWithDraw', {
      body: { ...account, WithdrawMsgList: [{ MsgKey: '71_1_2' }] },
    });
    expect(messageKey(sent)?.id).toBe('MsgKey');
    expect(recalled.body.WithdrawMsgList.map((item) => messageKey(recalled, item))).toEqual([
      messageKey(sent),
    ]);
  });

  it('cannot be forged by a name that looks like two', () => {
    const keyOf = (From_Account: string, To_Account: string) =>
      messageKey(eventOf({ From_Account, To_Account, MsgKey: KEY }))?.key;
    expect(keyOf('a","b', 'c')).not.toBe(keyOf('a', 'b","c'));
  });

  it.each([
    [{}],
    [null],
    ['text'],
    [{ GroupId: '' }],
    [{ ...PEER }],
    [{ From_Account: 'mika', MsgKey: KEY }],
    [{ ...GROUP, MsgSeq: {} }],
  ])('is not there in %j', (body) => {
    expect(messageKey(eventOf(body))).toBeUndefined();
  });
});
