import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/protocol/answers.js';
import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import { elementsOf, isElement, mentions, replaceText, textOf } from '../../../src/protocol/messages.js';
import { eventFrom } from '../../../src/protocol/received-event.js';
import { sampleEvent } from '../../../src/testing.js';

const text = (value: unknown) => ({ MsgType: 'TIMTextElem', MsgContent: { Text: value } });
const relay = (...bodies: unknown[]) => ({
  MsgType: 'TIMRelayElem',
  MsgContent: { MsgList: bodies.map((MsgBody) => ({ MsgBody })) },
});

function eventOf(body: unknown): AnyCallbackEvent {
  return eventFrom({
    command: 'My.Command',
    params: { SdkAppid: '1', CallbackCommand: 'My.Command', ContentType: '', ClientIP: '', OptPlatform: '' },
    body,
    rawBody: new Uint8Array(),
    receivedAt: 0,
  });
}

describe('isElement', () => {
  it('compares the type exactly', () => {
    expect(isElement({ MsgType: 'TIMTextElem', MsgContent: {} }, 'TIMTextElem')).toBe(true);
    expect(isElement({ MsgType: 'timtextelem', MsgContent: {} }, 'TIMTextElem')).toBe(false);
  });
});

describe('textOf', () => {
  it('joins texts in order, forwarded ones where they stand', () => {
    expect(
      textOf(eventOf({ MsgBody: [text('a'), relay([text('b')], [relay([text('c')])]), text('d')] })),
    ).toBe('a\nb\nc\nd');
  });

  it('leaves out other elements and contents without text', () => {
    const other = { MsgType: 'TIMCustomElem', MsgContent: { Text: 'hidden' } };
    expect(textOf(eventOf({ MsgBody: [other, { MsgType: 'TIMTextElem', MsgContent: {} }, text(7)] }))).toBe(
      '',
    );
  });

  it('reads twenty levels of forwarding and no more', () => {
    const nested = (levels: number): unknown => (levels === 0 ? text('deep') : relay([nested(levels - 1)]));
    expect(textOf(eventOf({ MsgBody: [nested(20)] }))).toBe('deep');
    expect(textOf(eventOf({ MsgBody: [nested(21)] }))).toBe('');
  });

  it.each([
    {},
    { MsgBody: 'text' },
    { MsgBody: [null, 1, 'x', {}, { MsgType: 'TIMTextElem' }, { MsgType: 'TIMTextElem', MsgContent: null }] },
    { MsgBody: [{ MsgType: 'TIMRelayElem', MsgContent: { MsgList: 'x' } }] },
    { MsgBody: [{ MsgType: 'TIMRelayElem', MsgContent: { MsgList: [null, 1, { MsgBody: 'x' }, {}] } }] },
  ])('finds nothing in a body that nothing checked: %j', (body) => {
    expect(textOf(eventOf(body))).toBe('');
  });
});

describe('the text of a streamed message', () => {
  const stream = (MsgContent: object) => eventOf({ MsgBody: [{ MsgType: 'TIMStreamElem', MsgContent }] });
  const chunk = (Markdown: unknown) => ({ Markdown });

  it('is the one for clients that cannot show it', () => {
    expect(textOf(stream({ CompatibleText: 'all', Chunks: [chunk('part')] }))).toBe('all');
  });

  it('is that of its chunks in order where there is no such text', () => {
    expect(textOf(stream({ Chunks: [chunk('# a'), chunk('b'), null, chunk(7), 1, chunk('c')] }))).toBe(
      '# abc',
    );
    expect(textOf(stream({ CompatibleText: '', Chunks: [chunk('a')] }))).toBe('a');
    expect(textOf(stream({ CompatibleText: 7 }))).toBe('');
  });

  it('is a line of its own, and none where there is no text', () => {
    const empty = { MsgType: 'TIMStreamElem', MsgContent: {} };
    const full = { MsgType: 'TIMStreamElem', MsgContent: { CompatibleText: 'b' } };
    expect(textOf(eventOf({ MsgBody: [text('a'), empty, full] }))).toBe('a\nb');
  });
});

describe('replaceText', () => {
  const image = { MsgType: 'TIMImageElem', MsgContent: { UUID: 'u' } };
  const custom = { MsgType: 'TIMCustomElem', MsgContent: { Data: '{"secret":1}' } };
  const stream = { MsgType: 'TIMStreamElem', MsgContent: { CompatibleText: 'a secret' } };
  const bundle = relay([text('a secret')]);
  const eventWith = (...MsgBody: unknown[]) =>
    sampleEvent('Group.CallbackBeforeSendMsg', { body: { MsgBody } });
  const hide = (value: string) => value.replaceAll('secret', '***');

  it('changes the texts and keeps every other element as it came, in its place', () => {
    expect(
      replaceText(eventWith(image, text('a secret'), custom, bundle, stream, text('b')), hide),
    ).toMatchObject({
      kind: 'replace',
      fields: { MsgBody: [image, text('a ***'), custom, bundle, stream, text('b')] },
    });
  });

  it('keeps what else a text element holds', () => {
    const styled = { MsgType: 'TIMTextElem', MsgContent: { Text: 'secret', Style: 'bold' } };
    expect(replaceText(eventWith(styled), hide)).toMatchObject({
      fields: { MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: '***', Style: 'bold' } }] },
    });
  });

  it('says nothing where nothing changed, so that the message is left alone', () => {
    expect(replaceText(eventWith(image, text('b'), bundle), hide)).toBe(ok());
    expect(replaceText(eventWith(), hide)).toBe(ok());
  });

  it('passes the texts of the message itself, each with its element, and no other', () => {
    const passed: unknown[] = [];
    const event = eventWith(text('a'), { MsgType: 'TIMTextElem', MsgContent: {} }, bundle, stream, text(''));
    replaceText(event, (value, element) => {
      passed.push([value, element]);
      return value;
    });
    expect(passed).toEqual([
      ['a', text('a')],
      ['', text('')],
    ]);
  });

  it('does not change the event', () => {
    const event = eventWith(text('secret'));
    replaceText(event, hide);
    expect(event.body.MsgBody).toEqual([text('secret')]);
  });
});

describe('mentions', () => {
  const sent = (GroupAtInfo: unknown) => sampleEvent('Group.CallbackAfterSendMsg', { body: { GroupAtInfo } });

  it('lists who is mentioned by name, each once', () => {
    const info = ['mika', 'noel', 'mika'].map((name) => ({ GroupAtAllFlag: 0, GroupAt_Account: name }));
    expect(mentions(sent(info))).toEqual({ all: false, accounts: ['mika', 'noel'] });
  });

  it('says that everybody is, and who is mentioned by name besides', () => {
    expect(mentions(sent([{ GroupAtAllFlag: 1 }]))).toEqual({ all: true, accounts: [] });
    expect(mentions(sent([{ GroupAtAllFlag: 1 }, { GroupAtAllFlag: 0, GroupAt_Account: 'mika' }]))).toEqual({
      all: true,
      accounts: ['mika'],
    });
  });

  it('lists the robots that a robot callback names', () => {
    const event = sampleEvent('Bot.OnGroupMessage', { body: { AtRobots_Account: ['@RBT#1', '@RBT#2'] } });
    expect(mentions(event)).toEqual({ all: false, accounts: ['@RBT#1', '@RBT#2'] });
  });

  it('finds nobody where nobody is, where the vendor does not say, and in what nothing checked', () => {
    const nobody = { all: false, accounts: [] };
    expect(mentions(sent([]))).toEqual(nobody);
    expect(mentions(sampleEvent('C2C.CallbackAfterSendMsg'))).toEqual(nobody);
    expect(mentions(eventOf({ GroupAtInfo: 'all', AtRobots_Account: 7 }))).toEqual(nobody);
    expect(
      mentions(eventOf({ GroupAtInfo: [null, 1, { GroupAt_Account: '' }], AtRobots_Account: [null] })),
    ).toEqual(nobody);
    expect(mentions(eventOf(null))).toEqual(nobody);
  });
});

describe('elementsOf', () => {
  it('gives what is an element, and nothing for a body without a message', () => {
    expect(elementsOf(eventOf({ MsgBody: [null, text('a'), { MsgType: 'x' }] }))).toEqual([text('a')]);
    expect(elementsOf(eventOf({}))).toEqual([]);
    expect(elementsOf(eventOf(null))).toEqual([]);
  });
});
