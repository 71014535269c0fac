import { describe, expect, it } from 'vitest';
import { readEnvelope } from '../../../src/pipeline/envelope.js';
import { InvalidBodyError, settleIssues, validateBody } from '../../../src/pipeline/validate.js';
import { sampleBody } from '../../../src/testing.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const METADATA = 'Live.CallbackAfterSetMetadata';
const coded = (code: string) => expect.objectContaining({ code });

function validate(command: string, body: Record<string, unknown>, acceptInvalid = false) {
  const query = new URLSearchParams({ SdkAppid: '1', CallbackCommand: command }).toString();
  return validateBody(readEnvelope({ method: 'POST', query }), body, acceptInvalid);
}

describe('a field that says it has no value', () => {
  it('is removed from the body where it may be missing', () => {
    const body = { ...sampleBody(AFTER), TopicId: null, EventTime: '', Unknown: null };
    expect(validate(AFTER, body).issues).toEqual([]);
    expect(Object.keys(body)).not.toContain('TopicId');
    expect(Object.keys(body)).not.toContain('EventTime');
    expect(body.Unknown).toBeNull();
  });

  it('is refused where it is required, and named', () => {
    const refused = { code: 'body_invalid', issues: [{ path: '/GroupId', message: 'must be string' }] };
    expect(() => validate(AFTER, { ...sampleBody(AFTER), GroupId: null, TopicId: null })).toThrow(
      expect.objectContaining(refused),
    );
    const list = { ...sampleBody(AFTER), MsgBody: [null] };
    expect(() => validate(AFTER, list)).toThrow(coded('body_invalid'));
  });

  it('does not hide what else is wrong', () => {
    const body = { ...sampleBody(AFTER), TopicId: null, MsgTime: 'noon' };
    expect(validate(AFTER, body, true).issues).toMatchObject([{ path: '/MsgTime' }]);
  });
});

describe('the command', () => {
  it('comes from the query; the body may name it too', () => {
    const { CallbackCommand, ...silent } = sampleBody(AFTER);
    expect(CallbackCommand).toBe(AFTER);
    expect(validate(AFTER, silent)).toMatchObject({ command: AFTER, issues: [] });
    expect(validate(AFTER, sampleBody(AFTER)).entry?.info.name).toBe(AFTER);
  });

  it.each([
    ['Group.CallbackBeforeSendMsg', AFTER],
    [AFTER, 'My.Command'],
    ['My.Command', AFTER],
    ['My.Command', 'my.command'],
    [AFTER, ''],
  ])('%s in the query does not go with %j in the body', (asked, CallbackCommand) => {
    expect(() => validate(asked, { ...sampleBody(AFTER), CallbackCommand })).toThrow(
      coded('command_mismatch'),
    );
  });

  it('in each item of a list has to equal the query, too', () => {
    const Events = [null, 7, {}, { CallbackCommand: 'My.Command' }];
    expect(validate('My.Command', { Events }).command).toBe('My.Command');
    expect(() => validate('My.Command', { Events: [...Events, { CallbackCommand: 'x' }] })).toThrow(
      coded('command_mismatch'),
    );
    expect(() => validate('My.Command', { Events, CallbackCommand: 'x' })).toThrow(coded('command_mismatch'));
  });

  it('may be an alias on either side', () => {
    const alias = 'Room.CallbackUpdateRoomInfo';
    const name = 'Room.CallbackAfterUpdateRoomInfo';
    for (const [asked, named] of [
      [alias, name],
      [name, alias],
      [alias, alias],
    ] as const) {
      const body = { ...sampleBody(name), CallbackCommand: named };
      expect(validate(asked, body).command, `${asked} ${named}`).toBe(name);
    }
  });

  it('in the body wins where the vendor prints another one in the query', () => {
    const body = sampleBody('Live.CallbackAfterDelMetadata');
    expect(validate(METADATA, body).command).toBe(body['CallbackCommand']);
  });

  it.each(['SdkAppid=&CallbackCommand=x', 'SdkAppid=1'])('and the app must be there (%s)', (query) => {
    expect(() => validateBody(readEnvelope({ method: 'POST', query }), {}, true)).toThrow(
      coded('query_invalid'),
    );
  });

  it('that is not documented takes any object, untouched', () => {
    const body = { GroupId: 7, CallbackCommand: 12 };
    expect(validate('My.Command', body)).toEqual({ entry: undefined, command: 'My.Command', issues: [] });
    expect(body).toEqual({ GroupId: 7, CallbackCommand: 12 });
  });
});

describe('the body', () => {
  it('gets one type per field before it is checked', () => {
    const body = { ...sampleBody(AFTER), GroupId: 123, MsgTime: '1739000950' };
    expect(validate(AFTER, body).issues).toEqual([]);
    expect(body).toMatchObject({ GroupId: '123', MsgTime: 1739000950 });
  });

  it('is refused with the place and the reason, without text of the sender', () => {
    const body = { ...sampleBody(AFTER), GroupId: { secret: 'secret' } };
    expect(() => validate(AFTER, body)).toThrow(
      new InvalidBodyError([{ path: '/GroupId', message: 'must be string' }]),
    );
    expect(() => validate(AFTER, body)).toThrow('body_invalid: /GroupId must be string');
  });

  it('is let through with its issues where invalid ones are accepted', () => {
    expect(validate(AFTER, { GroupId: 'g' }, true).issues).toEqual([
      expect.objectContaining({ message: 'is missing' }),
    ]);
  });
});

describe('settleIssues', () => {
  it('refuses only what is there and not accepted', () => {
    const issues = [
      { path: '/a', message: 'x' },
      { path: '/b', message: 'y' },
    ];
    expect(settleIssues([], false)).toEqual([]);
    expect(settleIssues(issues, true)).toBe(issues);
    expect(() => settleIssues(issues, false)).toThrow('body_invalid: /a x; /b y');
  });
});
