import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/protocol/commands.js';
import { putAtRest } from '../../../src/protocol/received-event.js';
import { storedEventFrom } from '../../../src/protocol/stored-event.js';
import { bodyAgain, rebuiltEvent } from '../../../src/receiver/rebuild.js';
import { sampleBody } from '../../../src/testing.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const options = { bodyLimit: 10_000, acceptInvalid: false, now: () => 7 };
const params = { SdkAppid: '1', CallbackCommand: AFTER, ClientIP: '::1', RequestId: 'r&1' };
const rawBody = JSON.stringify(sampleBody(AFTER));

describe('an event that is built without a request', () => {
  it('has a body with one type per field, the bytes, and what is missing made up', () => {
    const numbered = JSON.stringify({ ...sampleBody(AFTER), GroupId: 12 });
    const event = rebuiltEvent({ params, rawBody: numbered }, options);
    expect(event).toMatchObject({
      command: AFTER,
      params: { ...params, OptPlatform: '' },
      body: { GroupId: '12' },
      receivedAt: new Date(7),
      issues: [],
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(new TextDecoder().decode(event.rawBody)).toBe(numbered);
  });

  it('keeps the id and the time that a queue has stored', () => {
    const first = rebuiltEvent({ params, rawBody }, options);
    const again = rebuiltEvent(storedEventFrom(JSON.stringify(first)), { ...options, now: () => 8 });
    expect(again.id).toBe(first.id);
    expect(again.receivedAt).toEqual(new Date(7));
    expect(again.body).toEqual(first.body);
  });

  it('may be one without a body', () => {
    expect(rebuiltEvent({ params: { ...params, CallbackCommand: 'x' }, rawBody: '' }, options).body).toEqual(
      {},
    );
  });

  it.each([
    ['query_invalid', {}, rawBody],
    ['body_too_large', params, 'x'.repeat(10_001)],
    ['body_unreadable', params, Uint8Array.of(0xff)],
    ['body_not_json', params, '['],
    ['command_mismatch', params, '{"CallbackCommand":"x"}'],
    ['body_invalid', params, '{"GroupId":{}}'],
  ])('is refused with %s', (code, given, body) => {
    expect(() => rebuiltEvent({ params: given, rawBody: body }, options)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('has its issues where invalid bodies are accepted', () => {
    const event = rebuiltEvent({ params, rawBody: '{"a":1}' }, { ...options, acceptInvalid: true });
    expect(event.issues).toEqual([expect.objectContaining({ message: 'is missing' })]);
  });
});

describe('a body that is made again', () => {
  it('is what it was, for every command', () => {
    for (const { name } of COMMANDS) {
      const text = JSON.stringify(sampleBody(name));
      const event = rebuiltEvent({ params: { ...params, CallbackCommand: name }, rawBody: text }, options);
      const before = structuredClone(event.body);
      putAtRest(event);
      expect(event.body).toEqual(before);
    }
  });

  it('has the types of its command, lacks fields that are none, and keeps long numbers', () => {
    const text = JSON.stringify({ ...sampleBody(AFTER), GroupId: 12, TopicId: null, Long: 'x' });
    const rawBody = new TextEncoder().encode(text.replace('"x"', '144115200000000001'));
    const event = rebuiltEvent({ params, rawBody }, options);
    const again = bodyAgain(rawBody, AFTER);
    expect(again).toEqual(event.body);
    expect(again).toMatchObject({ GroupId: '12', Long: '144115200000000001' });
  });

  it('is any object for a command that is not documented, and may be empty', () => {
    expect(bodyAgain(new TextEncoder().encode('{"a":1}'), 'My.Command')).toEqual({ a: 1 });
    expect(bodyAgain(new Uint8Array(), 'My.Command')).toEqual({});
  });
});
