import { describe, expect, it } from 'vitest';
import {
  assignAgents,
  drop,
  friendResults,
  isAnswer,
  ok,
  refuse,
  refuseMembers,
  refuseSubscribers,
  replace,
} from '../../../src/protocol/answers.js';

describe('answers', () => {
  it('ok carries no fields, or a copy of those it is given', () => {
    expect(ok()).toEqual({ kind: 'ok', fields: {} });
    const fields = { RspData: 'x' };
    const answer = ok(fields);
    fields.RspData = 'changed';
    expect(answer).toEqual({ kind: 'ok', fields: { RspData: 'x' } });
  });

  it('refuse keeps the code and the text it is given, and nothing else', () => {
    expect(refuse()).toStrictEqual({ kind: 'refuse', fields: {} });
    expect(refuse('no')).toStrictEqual({ kind: 'refuse', fields: {}, text: 'no' });
    expect(refuse('')).toStrictEqual({ kind: 'refuse', fields: {}, text: '' });
    expect(refuse(10100)).toStrictEqual({ kind: 'refuse', fields: {}, code: 10100 });
    expect(refuse(1, 'no')).toStrictEqual({ kind: 'refuse', fields: {}, code: 1, text: 'no' });
  });

  it.each([0, 2, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'refuse throws a RangeError for %s, which would not refuse',
    (code) => {
      expect(() => refuse<number>(code)).toThrow(RangeError);
    },
  );

  it('drop says nothing more', () => {
    expect(drop()).toEqual({ kind: 'drop', fields: {} });
  });

  it('replace takes elements, custom data or both, and throws for neither', () => {
    const MsgBody = [{ MsgType: 'TIMTextElem', MsgContent: { Text: '***' } }] as const;
    expect(replace({ MsgBody }).fields).toEqual({ MsgBody });
    expect(replace({ CloudCustomData: '' }).fields).toEqual({ CloudCustomData: '' });
    expect(replace({ MsgBody, CloudCustomData: 'x' }).fields).toEqual({ MsgBody, CloudCustomData: 'x' });
    expect(() => replace({})).toThrow(RangeError);
  });

  it('refuseMembers and refuseSubscribers copy the accounts, the latter under both of its names', () => {
    const accounts = ['noel'];
    const members = refuseMembers(accounts);
    const subscribers = refuseSubscribers(accounts);
    accounts.push('erik');
    expect(members.fields).toEqual({ RefusedMembers_Account: ['noel'] });
    expect(subscribers.fields).toEqual({
      RefusedSubscribers_Account: ['noel'],
      RefusedMembers_Account: ['noel'],
    });
  });

  it('friendResults fills in an empty text', () => {
    expect(
      friendResults([
        { To_Account: 'a', ResultCode: 0 },
        { To_Account: 'b', ResultCode: 38000, ResultInfo: 'no' },
      ]).fields,
    ).toEqual({
      ResultItem: [
        { To_Account: 'a', ResultCode: 0, ResultInfo: '' },
        { To_Account: 'b', ResultCode: 38000, ResultInfo: 'no' },
      ],
    });
  });

  it('assignAgents passes the assignment on', () => {
    expect(assignAgents({ AgentGroupId: 7, AgentIdList: ['a'] })).toEqual({
      kind: 'assignAgents',
      fields: { AgentGroupId: 7, AgentIdList: ['a'] },
    });
  });

  it('is frozen, and recognised by a brand that no JSON can carry', () => {
    expect(Object.isFrozen(refuse())).toBe(true);
    expect(isAnswer(ok())).toBe(true);
    expect(isAnswer({ [Symbol.for('qcloud-im-callback.answer')]: true })).toBe(true);
    for (const other of [
      null,
      undefined,
      'ok',
      { kind: 'ok', fields: {} },
      JSON.parse(JSON.stringify(ok())),
    ]) {
      expect(isAnswer(other)).toBe(false);
    }
  });
});

it('what a helper makes cannot be changed, nor can what it was made of change it', () => {
  expect(() => Object.assign(ok().fields, { RspData: 'x' })).toThrow(TypeError);
  const message = { CloudCustomData: 'a' };
  const answer = replace(message);
  message.CloudCustomData = 'b';
  expect(answer.fields).toEqual({ CloudCustomData: 'a' });
  expect(Object.isFrozen(answer.fields)).toBe(true);
});
