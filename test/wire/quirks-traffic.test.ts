/** Quirks of bodies in real traffic: protocol.md section 11. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyCallbackEvent, type Command, textOf } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { valueAt } from '../support/catalogue.js';
import { type ExpressReceiver, startExpressReceiver } from '../support/express-receiver.js';

let receiver: ExpressReceiver;
beforeAll(async () => {
  receiver = await startExpressReceiver();
});
afterAll(() => receiver.close());

async function eventOf(command: Command, body: string | object): Promise<AnyCallbackEvent> {
  const { status, answer, event } = await receiver.send(command, body);
  expect({ status, answer, command: event?.command }).toMatchObject({ status: 200, command });
  if (event === undefined) throw new Error('no handler ran');
  return event;
}

function changedEventOf(command: Command, fields: object): Promise<AnyCallbackEvent> {
  return eventOf(command, { ...sampleBody(command), ...fields });
}

function messageEventOf(MsgBody: readonly object[]): Promise<AnyCallbackEvent> {
  return changedEventOf('Group.CallbackBeforeSendMsg', { MsgBody });
}

const text = (Text: string) => ({ MsgType: 'TIMTextElem', MsgContent: { Text } });

describe('11: fields that are not there', () => {
  it('takes bodies from before 2021, which have no EventTime', async () => {
    const { EventTime: _, ...rest } = sampleBody('Group.CallbackAfterSendMsg');
    const event = await eventOf('Group.CallbackAfterSendMsg', rest);
    expect([event.time, event.extra('EventTime')]).toEqual([undefined, undefined]);
  });

  it.each(['Group.CallbackBeforeSendMsg', 'Group.CallbackAfterSendMsg'] as const)(
    'takes %s of old and AVChatRoom groups, without MsgSeq, MsgTime, Random and Operator_Account',
    async (command) => {
      const body = { GroupId: '@TGS#a', Type: 'AVChatRoom', From_Account: 'mika', MsgBody: [text('hi')] };
      const event = await eventOf(command, body);
      expect(event.body).toEqual(body);
      expect(event.dedupeKey).toBeUndefined();
    },
  );
});

describe('11: numbers', () => {
  it('takes MsgSeq and MsgRandom above 2^32, and MsgSeq as text', async () => {
    const large = { MsgSeq: 2 ** 32 + 1, MsgRandom: 2 ** 40 };
    expect((await changedEventOf('C2C.CallbackBeforeSendMsg', large)).body).toMatchObject(large);
    const event = await changedEventOf('C2C.CallbackBeforeSendMsg', { MsgSeq: '4294967297' });
    expect(valueAt(event.body, 'MsgSeq')).toBe(4294967297);
  });

  it('refuses a MsgSeq that would lose digits, rather than round it', async () => {
    const body = JSON.stringify(sampleBody('C2C.CallbackBeforeSendMsg')).replace(
      /"MsgSeq":\d+/,
      '"MsgSeq":9007199254740993',
    );
    const { status, answer } = await receiver.send('C2C.CallbackBeforeSendMsg', body);
    expect(status).toBe(400);
    expect(answer['ErrorInfo']).toMatch(/^body_invalid: \/MsgSeq /);
  });
});

describe('11: undocumented fields', () => {
  it.each([
    ['MsgPriority', 'High'],
    ['FriendShip', 'Friend'],
    ['InviteOption', 'FreeAccess'],
    ['NickName', '米卡'],
    ['SyncOtherMachine', 1],
    ['SupportMessageExtension', 0],
    ['GroupAtInfo', []],
    ['__proto__', 'a key like any other'],
    ['constructor', 'a key like any other'],
  ])('hands %s to the handler', async (name, value) => {
    const body = JSON.stringify(sampleBody('Group.CallbackAfterSendMsg')).replace(/"GroupAtInfo"/, '"Other"');
    const event = await eventOf(
      'Group.CallbackAfterSendMsg',
      `{${JSON.stringify(name)}:${JSON.stringify(value)},${body.slice(1)}`,
    );
    expect(event.extra(name)).toEqual(value);
  });
});

describe('11: messages', () => {
  it('takes an empty MsgContent of every documented and of an unheard-of type', async () => {
    for (const MsgType of [
      'TIMTextElem',
      'TIMLocationElem',
      'TIMFaceElem',
      'TIMCustomElem',
      'TIMSoundElem',
      'TIMImageElem',
      'TIMFileElem',
      'TIMVideoFileElem',
      'TIMRelayElem',
      'TIMStreamElem',
    ]) {
      const event = await messageEventOf([{ MsgType, MsgContent: {} }]);
      expect(event.body).toMatchObject({ MsgBody: [{ MsgType, MsgContent: {} }] });
      expect(textOf(event)).toBe('');
    }
  });

  it('takes an empty MsgBody', async () => {
    const event = await messageEventOf([]);
    expect(event.body).toMatchObject({ MsgBody: [] });
  });

  it('takes a MsgType that does not begin with TIM, with whatever content', async () => {
    const own = { MsgType: 'my_sticker', MsgContent: { Text: 7, Any: [{ thing: null }] } };
    const event = await messageEventOf([own, text('beside it')]);
    expect(event.body).toMatchObject({ MsgBody: [own, text('beside it')] });
    expect(textOf(event)).toBe('beside it');
  });

  it('takes a TIMCustomElem that carries only Data', async () => {
    const event = await messageEventOf([{ MsgType: 'TIMCustomElem', MsgContent: { Data: 'x' } }]);
    expect(valueAt(event.body, 'MsgBody[].MsgContent')).toEqual({ Data: 'x' });
  });

  it('keeps Data that is JSON in JSON in JSON, with escaped line breaks, to the letter', async () => {
    const innermost = JSON.stringify({ text: 'one\ntwo\r\n"three"\\', id: '144115210000000001' });
    const Data = JSON.stringify({ v: 1, inner: JSON.stringify({ inner: innermost }) });
    const event = await messageEventOf([{ MsgType: 'TIMCustomElem', MsgContent: { Data } }]);
    expect(valueAt(event.body, 'MsgBody[].MsgContent.Data')).toBe(Data);
  });

  it('keeps digits inside of Data as they are while an id beside it becomes text', async () => {
    const Data = '{"uid":144115210000000001}';
    const body = JSON.stringify({
      GroupId: 'g',
      From_Account: 0,
      MsgBody: [{ MsgType: 'TIMCustomElem', MsgContent: { Data } }],
    }).replace('"From_Account":0', '"From_Account":144115210000000009');
    const event = await eventOf('Group.CallbackBeforeSendMsg', body);
    expect(valueAt(event.body, 'MsgBody[].MsgContent.Data')).toBe(Data);
    expect(valueAt(event.body, 'From_Account')).toBe('144115210000000009');
  });
});

describe('11: accounts and groups', () => {
  it.each(['@TLS#NOT_FOUND', '@TIM#SYSTEM', '@RBT#001', 'administrator', '10086', 'a b@c.example'])(
    'takes the account %s',
    async (account) => {
      const fields = { From_Account: account, Operator_Account: account };
      expect((await changedEventOf('Group.CallbackAfterSendMsg', fields)).body).toMatchObject(fields);
    },
  );

  it.each(['@TGS#3QHX7DEMO', '@TGS#_@TGS#c3DEMO7', 'my#own#group', '123456', '#TOA#_123'])(
    'takes the group %s',
    async (GroupId) => {
      expect((await changedEventOf('Group.CallbackAfterSendMsg', { GroupId })).body).toMatchObject({
        GroupId,
      });
    },
  );
});

describe('11: text', () => {
  it('reads \\u escapes, in capitals and not, as the letters they stand for', async () => {
    const body = JSON.stringify({ GroupId: 'g', From_Account: 'mika', MsgBody: [text('@@')] });
    const escaped = body.replace('@@', '\\u4F60\\u597d\\ud83d\\ude00\\u0000\\/');
    const event = await eventOf('Group.CallbackBeforeSendMsg', escaped);
    expect(textOf(event)).toBe('你好\u{1F600}\u0000/');
    expect(Buffer.from(event.rawBody).toString()).toBe(escaped);
  });

  it.each(['中', '\u{20BB7}', '\u{1F600}', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}', '\uFEFF中', '\u2028'])(
    'keeps a lone %s',
    async (Text) => {
      expect(textOf(await messageEventOf([text(Text)]))).toBe(Text);
    },
  );

  it('takes the escape of half a surrogate pair, which cut-off texts end with', async () => {
    const body = '{"GroupId":"g","From_Account":"m","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":';
    const event = await eventOf('Group.CallbackBeforeSendMsg', `${body}{"Text":"a\\ud83d"}}]}`);
    expect(textOf(event)).toBe('a\ud83d');
  });

  it.each([1_100, 4_000])('keeps a body with %i Chinese letters, over 3 KB, whole', async (count) => {
    const Text = '你好世界'.repeat(count / 4);
    const event = await messageEventOf([text(Text)]);
    expect(event.rawBody.byteLength).toBeGreaterThan(3 * 1024);
    expect(textOf(event)).toBe(Text);
  });
});

describe('11: State.StateChange', () => {
  it.each(['LinkClose', 'TimeOut'])('takes Logout with %s and without EventTime', async (Reason) => {
    const Info = { Action: 'Logout', To_Account: 'mika', Reason };
    const event = await eventOf('State.StateChange', { CallbackCommand: 'State.StateChange', Info });
    expect(event.body).toEqual({ CallbackCommand: 'State.StateChange', Info });
  });
});
