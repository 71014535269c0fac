/** What a handler may return: helpers that say what is meant; `pipeline/answer.ts` writes it as the command wants it. */

import { hasBrand } from '../base/brand.js';
import type {
  AnswerKinds,
  BaseResponse,
  BeforeCommand,
  CallbackAnswers,
  KnownMessageElement,
  MessageContents,
} from '../generated/types.js';
import type { AnswerKind } from './command-info.js';
import type { Command } from './commands.js';

const BRAND = Symbol.for('qcloud-im-callback.answer');
declare const fieldNames: unique symbol;

/** An answer made by a helper. It fits every command whose answer allows that kind. */
export interface Answer<
  Kind extends AnswerKind = AnswerKind,
  Fields extends object = object,
  Names extends PropertyKey = PropertyKey,
> {
  readonly kind: Kind;
  /** `ErrorCode`, where the helper was given one. */
  readonly code?: number;
  /** `ErrorInfo`, where the helper was given one. */
  readonly text?: string;
  /** Fields of the answer beside the three that every answer has. */
  readonly fields: Fields;
  /** Only for the compiler: keeps a field that the command does not know from passing. */
  readonly [fieldNames]?: Names;
}

// biome-ignore lint/complexity/noBannedTypes: the empty object, whose keyof is never
type NoFields = {};

/** Fields that the answer to a command may carry beside the three that every answer has. */
export type AnswerFields<Name extends string> = Name extends Command
  ? Partial<Omit<CallbackAnswers[Name], keyof BaseResponse>>
  : object;

/** An answer to a command: what a helper of this package made, or the fields themselves. */
export type GivenAnswer<Name extends string> = Name extends Command
  ?
      | Answer<'ok', AnswerFields<Name>, keyof AnswerFields<Name>>
      | Answer<AnswerKinds[Name]>
      | CallbackAnswers[Name]
  : Answer | BaseResponse;

/**
 * What a handler of a command may return. Nothing at all is `ok()`, but not from a before-command: there a
 * forgotten `return` would let everything through.
 */
export type AnswerFor<Name extends string> =
  | GivenAnswer<Name>
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement
  | (Name extends BeforeCommand ? never : void);

function answer<
  Kind extends AnswerKind,
  Fields extends object = object,
  Names extends PropertyKey = PropertyKey,
>(kind: Kind, fields: Fields, rest: { code?: number; text?: string } = {}): Answer<Kind, Fields, Names> {
  const frozen = Object.freeze(fields);
  return Object.freeze(Object.defineProperty({ kind, fields: frozen, ...rest }, BRAND, { value: true }));
}

/** Whether a value was made by a helper of this package, also by another copy of it. */
export function isAnswer(value: unknown): value is Answer {
  return hasBrand(value, BRAND);
}

/** `ok()` without fields, which fits every command. */
export type PlainOk = Answer<'ok', NoFields, never>;

const plainOk: PlainOk = answer<'ok', NoFields, never>('ok', {});

/**
 * Lets it happen, or says that it was noted: ErrorCode 0.
 * @param fields Fields of the command's answer, such as `RspData` of Chatbot.OnC2CSignalMessage.
 */
export function ok(): PlainOk;
export function ok<Fields extends object>(fields: Fields): Answer<'ok', Fields, keyof Fields>;
export function ok(fields?: object): Answer<'ok'> {
  return fields === undefined ? plainOk : answer('ok', { ...fields });
}

/** A code that refuses: 0 would allow and 2 would drop silently. */
export type RefusalCode<Code extends number> = Code extends 0 | 2 ? never : Code;

/**
 * Refuses. Without arguments the client sees the vendor's own text (ErrorCode 1). With a text alone the
 * command's first custom code is taken, so that the client sees that text. With a code, that one is sent; a
 * code outside the command's documented range is reported once.
 * @throws RangeError when the code is 0, 2 or no integer.
 */
export function refuse(): Answer<'refuse'>;
export function refuse(text: string): Answer<'refuse'>;
export function refuse<Code extends number>(code: RefusalCode<Code>, text?: string): Answer<'refuse'>;
export function refuse(codeOrText?: number | string, text?: string): Answer<'refuse'> {
  if (typeof codeOrText === 'string') return answer('refuse', {}, { text: codeOrText });
  if (codeOrText === undefined) return answer('refuse', {});
  if (!Number.isSafeInteger(codeOrText) || codeOrText === 0 || codeOrText === 2) {
    throw new RangeError('refuse takes an integer other than 0, which allows, and 2, which drops silently');
  }
  return answer('refuse', {}, { code: codeOrText, ...(text === undefined ? {} : { text }) });
}

/** Drops a message silently: it is not delivered and the sender sees success. ErrorCode 2. */
export function drop(): Answer<'drop'> {
  return answer('drop', {});
}

/**
 * A message element whose content fits its type. Elements of other types, and those of a body, whose types are
 * not known one by one, take any object.
 */
export type ElementInput<Type extends string> = {
  readonly MsgType: Type;
} & (Type extends keyof MessageContents
  ? { readonly MsgType: Type; readonly MsgContent: MessageContents[Type] }
  : { readonly MsgType: Type; readonly MsgContent: object });

/** What `replace` puts in the place of a message. */
export interface Replacement<Type extends string = KnownMessageElement['MsgType']> {
  /** Elements of the new message. */
  readonly MsgBody?: readonly ElementInput<Type>[];
  /** New custom data, the vendor's `CloudCustomData`. */
  readonly CloudCustomData?: string;
}

/**
 * Delivers a message with another content: ErrorCode 0 with `MsgBody` and `CloudCustomData`.
 * @throws RangeError when neither is given.
 */
export function replace<const Type extends string>(message: Replacement<Type>): Answer<'replace'> {
  if (message.MsgBody === undefined && message.CloudCustomData === undefined) {
    throw new RangeError('replace takes MsgBody, CloudCustomData or both');
  }
  return answer<'replace'>('replace', { ...message });
}

/** Keeps some of the invitees out of a group and lets the others in: `RefusedMembers_Account`. */
export function refuseMembers(accounts: readonly string[]): Answer<'refuseMembers'> {
  return answer<'refuseMembers'>('refuseMembers', { RefusedMembers_Account: [...accounts] });
}

/**
 * Keeps some users from subscribing to an official account and lets the others: `RefusedSubscribers_Account`,
 * and the same list as `RefusedMembers_Account`, because the vendor's page uses both names.
 */
export function refuseSubscribers(accounts: readonly string[]): Answer<'refuseSubscribers'> {
  return answer<'refuseSubscribers'>('refuseSubscribers', {
    RefusedSubscribers_Account: [...accounts],
    RefusedMembers_Account: [...accounts],
  });
}

/** The verdict on one user of a friend request. */
export interface FriendResult {
  readonly To_Account: string;
  /** 0 allows; 38000 to 39000 refuses. */
  readonly ResultCode: number;
  /** Text for the client. Defaults to `''`. */
  readonly ResultInfo?: string;
}

/** Decides per user of a friend request: `ResultItem`. Users that are not listed are allowed. */
export function friendResults(items: readonly FriendResult[]): Answer<'friendResults'> {
  return answer<'friendResults'>('friendResults', {
    ResultItem: items.map(({ To_Account, ResultCode, ResultInfo = '' }) => ({
      To_Account,
      ResultCode,
      ResultInfo,
    })),
  });
}

/** Who takes a session: an agent group, agents, or both. */
export interface AgentAssignment {
  readonly AgentGroupId?: number;
  readonly AgentIdList?: readonly string[];
}

/** Assigns the agents of a session that a bot hands over. */
export function assignAgents(agents: AgentAssignment): Answer<'assignAgents'> {
  return answer<'assignAgents'>('assignAgents', { ...agents });
}
