import { describe, expect, it } from 'vitest';
import { type AnyCallbackEvent, eventFrom } from '../../../src/protocol/event.js';
import { elementsOf, isElement, textOf } from '../../../src/protocol/messages.js';

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

describe('elementsOf', () => {
  it('gives what is an element, and nothing for a body without a message', () => {
    expect(elementsOf(eventOf({ MsgBody: [null, text('a'), { MsgType: 'x' }] }))).toEqual([text('a')]);
    expect(elementsOf(eventOf({}))).toEqual([]);
    expect(elementsOf(eventOf(null))).toEqual([]);
  });
});
