/** The last stage: what a handler returned becomes the JSON that the command wants, in one response. */

import { byteLength } from '#platform';
import { CallbackError, STATUS_OK } from '../base/errors.js';
import type { BaseResponse } from '../generated/types.js';
import { type Answer, isAnswer } from '../protocol/answers.js';
import { type CommandInfo, findCommand } from '../protocol/commands.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CallbackResponse } from '../protocol/http.js';

/** An answer as it is sent: the three fields, and those of the command. */
export type AnswerBody = BaseResponse & Readonly<Record<string, unknown>>;

const CODE_ALLOW = 0;
const CODE_REFUSE = 1;
const CODE_DROP = 2;

const OK_BODY: AnswerBody = Object.freeze({ ActionStatus: 'OK', ErrorCode: CODE_ALLOW, ErrorInfo: '' });

/** The lists of users in the bodies of the two commands that ask for friends. */
const friendLists = ['FriendItem', 'ResponseFriendItem'] as const;

/** What somebody returned, by its kind alone: what it holds may be the sender's. */
function kindOf(returned: unknown): string {
  if (returned === null) return 'null';
  if (Array.isArray(returned)) return 'a list';
  if (typeof returned !== 'object') return `a ${typeof returned}`;
  return 'an object that has not all of ActionStatus, ErrorCode and ErrorInfo';
}

function notAnAnswer(returned: string, info: CommandInfo | undefined): CallbackError {
  const helpers = ['ok()', ...(info?.answer?.kinds ?? []).map((kind) => `${kind}(…)`)].join(' or ');
  // Names of commands that are not documented are the sender's text.
  const whose = info === undefined ? 'a command that is not documented' : info.name;
  return new CallbackError('handler_failed', {
    message: `what was returned for ${whose} is ${returned}; return ${helpers}`,
  });
}

function base(code: number, text: string, fields?: object): AnswerBody {
  return { ActionStatus: 'OK', ErrorCode: code, ErrorInfo: text, ...fields };
}

function codeOf({ kind, code, text }: Answer, info: CommandInfo | undefined): number {
  if (kind === 'drop') return CODE_DROP;
  if (kind !== 'refuse') return CODE_ALLOW;
  if (code !== undefined) return code;
  // With a text, the first custom code, so that the client sees it.
  return (text === undefined ? undefined : info?.answer?.codes?.[0]) ?? CODE_REFUSE;
}

/** Whether a value has the form of an answer. */
export function isResponse(value: unknown): value is AnswerBody {
  const { ActionStatus, ErrorCode, ErrorInfo } = (value ?? {}) as Partial<BaseResponse>;
  return (
    (ActionStatus === 'OK' || ActionStatus === 'FAIL') &&
    Number.isSafeInteger(ErrorCode) &&
    typeof ErrorInfo === 'string'
  );
}

/** The user of an entry; bodies that were refused, or accepted as they are, hold anything. */
function accountOf(entry: unknown): unknown {
  return (entry as { To_Account?: unknown } | null | undefined)?.To_Account;
}

/**
 * The two commands that ask for friends are answered per user: the vendor ignores the code above. An answer
 * that does not name users means all of them; users that `friendResults` leaves out are allowed.
 */
function expandFriends(answer: AnswerBody, body: object): AnswerBody {
  const fields = body as Readonly<Record<string, unknown>>;
  const list = friendLists.flatMap((name) => fields[name]);
  const given: readonly unknown[] = Array.isArray(answer['ResultItem']) ? answer['ResultItem'] : [];
  const decided = new Set(given.map(accountOf));
  const verdict =
    given.length === 0
      ? { ResultCode: answer.ErrorCode, ResultInfo: answer.ErrorInfo }
      : { ResultCode: CODE_ALLOW, ResultInfo: '' };
  const rest = list
    .map(accountOf)
    .filter((account) => account !== undefined && !decided.has(account))
    .map((To_Account) => ({ To_Account, ...verdict }));
  return { ...answer, ErrorCode: CODE_ALLOW, ErrorInfo: '', ResultItem: [...given, ...rest] };
}

function answerOf(returned: unknown, info: CommandInfo | undefined): AnswerBody {
  if (returned === undefined) return OK_BODY;
  if (isAnswer(returned)) {
    const { kind, text = '', fields } = returned;
    // Where the vendor ignores the answer, any will do.
    if (info?.answer !== undefined && kind !== 'ok' && !info.answer.kinds.includes(kind)) {
      throw notAnAnswer(`${kind}(…), which it does not know`, info);
    }
    return kind === 'ok' && Object.keys(fields).length === 0
      ? OK_BODY
      : base(codeOf(returned, info), text, fields);
  }
  if (isResponse(returned)) return returned;
  throw notAnAnswer(kindOf(returned), info);
}

/** @param event looked at only where its body is needed: one that waits in a queue has let go of it. */
function expand(
  answer: AnswerBody,
  info: CommandInfo | undefined,
  event: { readonly body: object },
): AnswerBody {
  return info?.answer?.kinds.includes('friendResults') === true ? expandFriends(answer, event.body) : answer;
}

/**
 * Turns what a handler, hook or default handler returned into the answer to an event.
 * @param returned An answer of a helper, a plain response, or nothing at all, which is `ok()`.
 * @throws CallbackError `handler_failed` when it is no answer, or none that the command knows.
 */
export function answerFrom(returned: unknown, event: Pick<AnyCallbackEvent, 'command' | 'body'>): AnswerBody {
  const info = findCommand(event.command)?.info;
  try {
    return expand(answerOf(returned, info), info, event);
  } catch (thrown) {
    // A getter of the answer may throw.
    throw CallbackError.from(thrown, 'handler_failed');
  }
}

/** Whether a code means what the vendor's documents say it may mean for this command. */
export function isDocumentedCode(code: number, command: string): boolean {
  const answer = findCommand(command)?.info.answer;
  if (answer === undefined || (code >= CODE_ALLOW && code <= CODE_DROP)) return true;
  return answer.codes === undefined || (code >= answer.codes[0] && code <= answer.codes[1]);
}

function response(
  status: number,
  answer: AnswerBody,
  more: Readonly<Record<string, string>> = {},
): CallbackResponse {
  const body = JSON.stringify(answer);
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(byteLength(body)),
      ...more,
    },
    body,
    closeConnection: false,
  };
}

const OK_RESPONSE: CallbackResponse = Object.freeze(response(STATUS_OK, OK_BODY));

/**
 * The response that carries an answer.
 * @throws CallbackError `handler_failed` when it is no JSON value, such as one that holds itself.
 */
export function respond(answer: AnswerBody): CallbackResponse {
  if (answer === OK_BODY) return OK_RESPONSE;
  try {
    return response(STATUS_OK, answer);
  } catch (cause) {
    throw new CallbackError('handler_failed', { message: 'the answer is no JSON value', cause });
  }
}

/** The response to the console's try of the URL. */
export function respondToUrlCheck(): CallbackResponse {
  return OK_RESPONSE;
}

/** The response that tells of a failure by its status. */
export function respondWithError(error: CallbackError): CallbackResponse {
  const more: Record<string, string> = error.code === 'method_not_allowed' ? { allow: 'POST' } : {};
  return response(
    error.status,
    { ActionStatus: 'FAIL', ErrorCode: error.errorCode, ErrorInfo: error.message },
    more,
  );
}

/** The response that allows or refuses in the place of a handler that failed. */
export function policyResponse(
  policy: 'allow' | 'refuse',
  info: CommandInfo,
  body: object,
): CallbackResponse {
  return respond(expand(policy === 'allow' ? OK_BODY : base(CODE_REFUSE, ''), info, { body }));
}
