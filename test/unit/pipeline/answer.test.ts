import { describe, expect, it } from 'vitest';
import { CALLBACK_ERROR_CODES, CallbackError } from '../../../src/base/errors.js';
import {
  answerFrom,
  isDocumentedCode,
  policyResponse,
  respond,
  respondToUrlCheck,
  respondWithError,
} from '../../../src/pipeline/answer.js';
import {
  assignAgents,
  drop,
  friendResults,
  ok,
  refuse,
  refuseMembers,
  refuseSubscribers,
  replace,
} from '../../../src/protocol/answers.js';
import { COMMANDS, findCommand } from '../../../src/protocol/commands.js';

const C2C = 'C2C.CallbackBeforeSendMsg';
const GROUP = 'Group.CallbackBeforeSendMsg';
const AFTER = 'Group.CallbackAfterSendMsg';
const FRIENDS = 'Sns.CallbackPrevFriendAdd';
const RESPONSES = 'Sns.CallbackPrevFriendResponse';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };

const answer = (returned: unknown, command = GROUP, body: Record<string, unknown> = {}) =>
  answerFrom(returned, { command, body });
const failed = expect.objectContaining({ code: 'handler_failed' });

describe('what a handler returns', () => {
  it('becomes the three fields', () => {
    expect(answer(undefined)).toEqual(OK);
    expect(answer(ok())).toEqual(OK);
    expect(answer(refuse())).toEqual({ ...OK, ErrorCode: 1 });
    expect(answer(refuse(10150, 'no'))).toEqual({ ...OK, ErrorCode: 10150, ErrorInfo: 'no' });
    expect(answer(drop())).toEqual({ ...OK, ErrorCode: 2 });
  });

  it('of ok, nothing and ok without fields is one answer, which needs no JSON.stringify', () => {
    expect(answer(undefined)).toBe(answer(ok()));
    expect(answer(ok({}))).toBe(answer(ok()));
    expect(respond(answer(ok()))).toBe(respondToUrlCheck());
  });

  it('with a text alone takes the first custom code of the command, or 1 where there is none', () => {
    expect(answer(refuse('no'), C2C)).toEqual({ ...OK, ErrorCode: 120001, ErrorInfo: 'no' });
    expect(answer(refuse(''), GROUP)).toEqual({ ...OK, ErrorCode: 10100 });
    const official = 'OfficialAccount.CallbackBeforeAddSubscriber';
    expect(answer(refuse('no'), official)).toEqual({ ...OK, ErrorCode: 1, ErrorInfo: 'no' });
    expect(answer(refuse('no'), 'My.Command')).toEqual({ ...OK, ErrorCode: 1, ErrorInfo: 'no' });
  });

  it('carries the fields of its helper', () => {
    const MsgBody = [{ MsgType: 'TIMTextElem', MsgContent: { Text: '*' } }] as const;
    expect(answer(replace({ MsgBody, CloudCustomData: 'x' }))).toEqual({
      ...OK,
      MsgBody,
      CloudCustomData: 'x',
    });
    expect(answer(refuseMembers(['a']), 'Group.CallbackBeforeInviteJoinGroup')).toEqual({
      ...OK,
      RefusedMembers_Account: ['a'],
    });
    expect(answer(refuseSubscribers(['a']), 'OfficialAccount.CallbackBeforeAddSubscriber')).toEqual({
      ...OK,
      RefusedSubscribers_Account: ['a'],
      RefusedMembers_Account: ['a'],
    });
    expect(answer(assignAgents({ AgentGroupId: 7 }), 'ChatBot.OnAssignHuman')).toEqual({
      ...OK,
      AgentGroupId: 7,
    });
    expect(answer(ok({ RspData: 'x' }), 'Chatbot.OnC2CSignalMessage')).toEqual({ ...OK, RspData: 'x' });
  });

  it('may be a plain response, which is sent as it is', () => {
    const response = { ActionStatus: 'FAIL', ErrorCode: 7, ErrorInfo: 'x', More: 1 };
    expect(answer(response)).toBe(response);
  });

  it.each([
    null,
    true,
    'ok',
    0,
    {},
    [],
    { ActionStatus: 'ok', ErrorCode: 0, ErrorInfo: '' },
    { ActionStatus: 'OK', ErrorCode: '0', ErrorInfo: '' },
    { ActionStatus: 'OK', ErrorCode: 0.5, ErrorInfo: '' },
    { ActionStatus: 'OK', ErrorCode: 0 },
    { kind: 'ok', fields: {} },
  ])('is no answer when it is %j', (returned) => {
    expect(() => answer(returned)).toThrow(failed);
    expect(() => answer(returned, 'My.Command')).toThrow(
      'handler_failed: what was returned for a command that is not documented is ',
    );
  });

  it.each([
    ['', 'a string'],
    [null, 'null'],
    [[], 'a list'],
    [() => undefined, 'a function'],
    [{ ErrorCode: 0 }, 'an object that has not all of ActionStatus, ErrorCode and ErrorInfo'],
  ])('is told by its kind: %o is %s', (returned, kind) => {
    expect(() => answer(returned, 'C2C.CallbackBeforeSendMsg')).toThrow(
      `handler_failed: what was returned for C2C.CallbackBeforeSendMsg is ${kind}; return ok() or refuse(…) or drop(…) or replace(…)`,
    );
  });

  it('fails the handler when one of its getters throws', () => {
    const trap = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
    Object.defineProperty(trap, 'ErrorInfo', {
      enumerable: true,
      get: () => {
        throw new Error('a getter');
      },
    });
    expect(() => answer(trap, 'C2C.CallbackBeforeSendMsg')).toThrow(failed);
  });

  const byKind = {
    refuse: refuse(),
    drop: drop(),
    replace: replace({ CloudCustomData: '' }),
    refuseMembers: refuseMembers([]),
    refuseSubscribers: refuseSubscribers([]),
    friendResults: friendResults([]),
    assignAgents: assignAgents({}),
  };

  it('is refused by every command that reads its answer and does not know that kind', () => {
    for (const { name, answer: documented } of COMMANDS) {
      expect(() => answer(ok(), name)).not.toThrow();
      for (const [kind, returned] of Object.entries(byKind)) {
        const allowed = documented === undefined || documented.kinds.some((one) => one === kind);
        if (allowed) expect(() => answer(returned, name), `${kind} ${name}`).not.toThrow();
        else
          expect(() => answer(returned, name), `${kind} ${name}`).toThrow(
            expect.objectContaining({
              message: expect.stringContaining(
                `what was returned for ${name} is ${kind}(…), which it does not know; return ok()`,
              ),
            }),
          );
      }
    }
  });
});

describe('friend requests', () => {
  const body = { FriendItem: [{ To_Account: 'a' }, { To_Account: 'b' }] };
  const verdicts = (code: number, text = '') =>
    ['a', 'b'].map((To_Account) => ({ To_Account, ResultCode: code, ResultInfo: text }));

  it('are answered per user, whatever says yes or no to all of them', () => {
    expect(answer(undefined, FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(0) });
    expect(answer(ok(), FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(0) });
    expect(answer(refuse(), FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(1) });
    expect(answer(refuse('no'), FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(38000, 'no') });
    expect(answer(refuse(38500, 'no'), FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(38500, 'no') });
    for (const ErrorCode of [0, 38001]) {
      const plain = { ActionStatus: 'OK', ErrorCode, ErrorInfo: 'text' };
      expect(answer(plain, FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(ErrorCode, 'text') });
    }
  });

  it('are found in the other list of the other command', () => {
    expect(answer(refuse('no'), RESPONSES, { ResponseFriendItem: body.FriendItem })).toEqual({
      ...OK,
      ResultItem: verdicts(38000, 'no'),
    });
  });

  it('keep the verdicts that are given and allow the users that are not named', () => {
    const given = { To_Account: 'b', ResultCode: 38000, ResultInfo: 'no' };
    const wanted = { ...OK, ResultItem: [given, { To_Account: 'a', ResultCode: 0, ResultInfo: '' }] };
    expect(answer(friendResults([given]), FRIENDS, body)).toEqual(wanted);
    expect(answer({ ...OK, ErrorCode: 1, ResultItem: [given] }, FRIENDS, body)).toEqual(wanted);
    expect(answer(friendResults([]), FRIENDS, body)).toEqual({ ...OK, ResultItem: verdicts(0) });
  });

  it('may be answered again without a change', () => {
    const first = answer(refuse('no'), FRIENDS, body);
    expect(answer(first, FRIENDS, body)).toEqual(first);
  });

  it.each([{}, { FriendItem: 'x' }, { FriendItem: [null, 1, 'x', {}, undefined] }])(
    'without users are answered with an empty list: %j',
    (strange) => {
      expect(answer(refuse(), FRIENDS, strange)).toEqual({ ...OK, ResultItem: [] });
    },
  );

  it('do not fail on a strange verdict', () => {
    expect(answer({ ...OK, ResultItem: [null] }, FRIENDS, body)).toMatchObject({
      ResultItem: [null, ...verdicts(0)],
    });
  });
});

describe('isDocumentedCode', () => {
  it.each([
    [10099, GROUP, false],
    [10100, GROUP, true],
    [10200, GROUP, true],
    [10201, GROUP, false],
    [0, GROUP, true],
    [1, GROUP, true],
    [2, GROUP, true],
    [3, GROUP, false],
    [-1, GROUP, false],
    [120001, C2C, true],
    [130000, C2C, true],
    [130001, C2C, false],
    [7, 'OfficialAccount.CallbackBeforeAddSubscriber', true],
    [7, AFTER, true],
    [7, 'My.Command', true],
  ])('of %j for %s is %j', (code, command, wanted) => {
    expect(isDocumentedCode(code, command)).toBe(wanted);
  });
});

describe('responses', () => {
  const json = 'application/json; charset=utf-8';

  it('have the exact length in bytes', () => {
    const response = respond(answer(refuse(10100, '不行 😀 \u2028"\\')));
    expect(response.status).toBe(200);
    expect(response.headers).toEqual({
      'content-type': json,
      'content-length': String(Buffer.byteLength(response.body)),
    });
    expect(JSON.parse(response.body)).toMatchObject({ ErrorInfo: '不行 😀 \u2028"\\' });
  });

  it('of an answer that has no JSON are a failure of the handler', () => {
    const round: Record<string, unknown> = { ...OK };
    round['self'] = round;
    for (const returned of [round, { ...OK, n: 1n }, { ...OK, toJSON: () => undefined }]) {
      expect(() => respond(answer(returned))).toThrow(
        expect.objectContaining({
          message: 'handler_failed: the answer is no JSON value',
          cause: expect.any(TypeError),
        }),
      );
    }
  });

  it.each(CALLBACK_ERROR_CODES)('tell of %s by its status, its code and its text', (code) => {
    const error = new CallbackError(code, { cause: 'secret' });
    const response = respondWithError(error);
    expect(response.status).toBe(error.status);
    expect(response.headers).toEqual({
      'content-type': json,
      'content-length': String(Buffer.byteLength(response.body)),
      ...(code === 'method_not_allowed' ? { allow: 'POST' } : {}),
    });
    expect(JSON.parse(response.body)).toStrictEqual({
      ActionStatus: 'FAIL',
      ErrorCode: error.errorCode,
      ErrorInfo: error.message,
    });
  });

  it('of a policy allow or refuse, per user where the command is answered so', () => {
    const jsonOf = (policy: 'allow' | 'refuse', command: string, body: object) => {
      const info = findCommand(command)?.info;
      if (info === undefined) throw new Error(command);
      return JSON.parse(policyResponse(policy, info, body).body);
    };
    expect(jsonOf('allow', GROUP, {})).toEqual(OK);
    expect(jsonOf('refuse', GROUP, {})).toEqual({ ...OK, ErrorCode: 1 });
    const body = { FriendItem: [{ To_Account: 'a' }] };
    expect(jsonOf('allow', FRIENDS, body).ResultItem).toEqual([
      { To_Account: 'a', ResultCode: 0, ResultInfo: '' },
    ]);
    expect(jsonOf('refuse', FRIENDS, body).ResultItem).toEqual([
      { To_Account: 'a', ResultCode: 1, ResultInfo: '' },
    ]);
  });
});
