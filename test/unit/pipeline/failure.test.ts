import { describe, expect, it } from 'vitest';
import { CALLBACK_ERROR_CODES, CallbackError, type CallbackErrorCode } from '../../../src/base/errors.js';
import type { FailurePolicy } from '../../../src/options/options.js';
import { readEnvelope } from '../../../src/pipeline/envelope.js';
import { answerFailure, lateError, type Progress, reportOf } from '../../../src/pipeline/failure.js';
import { InvalidBodyError } from '../../../src/pipeline/validate.js';
import { sampleEvent } from '../../support/queue-events.js';

const BEFORE = 'Group.CallbackBeforeSendMsg';
const decidable: readonly CallbackErrorCode[] = [
  'body_too_large',
  'body_unreadable',
  'body_not_json',
  'command_mismatch',
  'body_invalid',
  'handler_failed',
  'handler_timeout',
  'queue_full',
  'queue_failed',
  'queue_damaged',
  'closing',
];

function traceOf(command: string, more: Progress = {}): Progress {
  const query = new URLSearchParams({ SdkAppid: '1', CallbackCommand: command }).toString();
  return { envelope: readEnvelope({ method: 'POST', query }), verified: true, bodyRead: true, ...more };
}

function answer(code: CallbackErrorCode, progress: Progress, policy: FailurePolicy) {
  const response = answerFailure(new CallbackError(code), progress, () => policy);
  return { ...response, json: JSON.parse(response.body) as Record<string, unknown> };
}

describe('answerFailure', () => {
  it.each(CALLBACK_ERROR_CODES)(
    'lets the owner decide on %s only where a genuine callback stands behind it',
    (code) => {
      for (const [policy, ErrorCode] of [
        ['allow', 0],
        ['refuse', 1],
      ] as const) {
        const { status, json } = answer(code, traceOf(BEFORE), policy);
        if (decidable.includes(code)) {
          expect(status).toBe(200);
          expect(json).toEqual({ ActionStatus: 'OK', ErrorCode, ErrorInfo: '' });
        } else {
          expect(status).toBe(new CallbackError(code).status);
          expect(json).toMatchObject({ ActionStatus: 'FAIL' });
        }
      }
      expect(answer(code, traceOf(BEFORE), 'status').status).toBe(new CallbackError(code).status);
    },
  );

  it.each<[string, Progress]>([
    ['a request that was not verified', traceOf(BEFORE, { verified: false })],
    ['an after-callback', traceOf('Group.CallbackAfterSendMsg')],
    ['an answered command that is no before-callback', traceOf('Chatbot.OnC2CSignalMessage')],
    ['an unknown command', traceOf('My.Command')],
    ['a request without an envelope', { verified: true, bodyRead: true }],
  ])('keeps the status for %s, whatever the policy', (_, progress) => {
    for (const code of decidable) {
      expect(answer(code, progress, 'allow').status).toBe(new CallbackError(code).status);
      expect(answer(code, progress, 'refuse').json).toMatchObject({ ActionStatus: 'FAIL' });
    }
  });

  it('asks for the policy by the name of the command', () => {
    const asked: string[] = [];
    answerFailure(new CallbackError('closing'), traceOf(BEFORE), (command) => {
      asked.push(command);
      return 'status';
    });
    expect(asked).toEqual([BEFORE]);
  });

  it('decides per user of a friend request, also when its body was refused', () => {
    const body = { FriendItem: [{ To_Account: 'a' }, null, {}] };
    const { json } = answer('body_invalid', traceOf('Sns.CallbackPrevFriendAdd', { body }), 'refuse');
    expect(json['ResultItem']).toEqual([{ To_Account: 'a', ResultCode: 1, ResultInfo: '' }]);
    expect(
      answer('body_not_json', traceOf('Sns.CallbackPrevFriendAdd'), 'refuse').json['ResultItem'],
    ).toEqual([]);
  });

  it('closes the connection where the body was not read to its end', () => {
    expect(answer('closing', traceOf(BEFORE), 'status').closeConnection).toBe(false);
    for (const bodyRead of [false, undefined]) {
      const progress: Progress = bodyRead === undefined ? {} : traceOf(BEFORE, { bodyRead });
      expect(answer('closing', progress, 'allow').closeConnection).toBe(true);
    }
  });
});

describe('lateError', () => {
  it('says that a result was late, and keeps its error', () => {
    const cause = new Error('x');
    expect(lateError(cause)).toMatchObject({
      code: 'handler_timeout',
      message: 'handler_timeout: a result came past the deadline',
      cause,
    });
  });
});

describe('reportOf', () => {
  const error = new CallbackError('internal');

  it('says no more than is known', () => {
    expect(reportOf({}, error)).toStrictEqual({ error });
  });

  it('names the command by its name, its alias or as it came', () => {
    expect(reportOf(traceOf('Room.CallbackUpdateRoomInfo'), error).command).toBe(
      'Room.CallbackAfterUpdateRoomInfo',
    );
    expect(reportOf(traceOf('My.Command'), error).command).toBe('My.Command');
    expect(reportOf(traceOf('My.Command', { event: sampleEvent('1') }), error).command).toBe(
      'Group.CallbackAfterSendMsg',
    );
  });

  it('gives the bytes, made now where they have to be', () => {
    const bytes = Uint8Array.of(1);
    expect(reportOf({ rawBody: bytes }, error).rawBody).toBe(bytes);
    expect(reportOf({ rawBody: () => bytes }, error).rawBody).toBe(bytes);
  });

  it('gives the issues of the body, from the error or the event', () => {
    const issues = [{ path: '/a', message: 'is missing' }];
    expect(reportOf({}, new InvalidBodyError(issues)).issues).toBe(issues);
    const event = sampleEvent('1');
    expect(reportOf({ event }, error)).toMatchObject({ event, issues: event.issues });
  });
});
