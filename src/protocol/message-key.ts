/** Tells one message from any other, whichever callback speaks of it. */

import type { AnyCallbackEvent } from './event.js';

/** What a message can be stored under. */
export interface MessageKey {
  /** Text that no other message has: app, conversation and the vendor's id, as JSON. */
  readonly key: string;
  /**
   * Which id of the vendor's it is made of. `MsgKey` for one-to-one messages and official accounts. `MsgSeq` for
   * group messages once they are sent. `MsgId`, the client's own id, before that and where there is no `MsgSeq`.
   */
  readonly id: 'MsgKey' | 'MsgSeq' | 'MsgId';
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** An id as text; `undefined` where there is none. */
function idFrom(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** The conversation that a message belongs to. Both directions between two accounts are one. */
function conversationOf(fields: Fields): readonly string[] | undefined {
  const group = idFrom(fields['GroupId']);
  if (group !== undefined) return ['Group', group, idFrom(fields['TopicId']) ?? ''];
  const official = idFrom(fields['Official_Account']);
  if (official !== undefined) return ['OfficialAccount', official];
  const from = idFrom(fields['From_Account']);
  const to = idFrom(fields['To_Account']);
  return from === undefined || to === undefined ? undefined : ['C2C', ...[from, to].sort()];
}

/** `MsgKey`, or the three fields that the vendor makes it of. */
function msgKeyOf({ MsgKey, MsgSeq, MsgRandom, MsgTime }: Fields): string | undefined {
  const parts = [MsgSeq, MsgRandom, MsgTime].map(idFrom);
  return idFrom(MsgKey) ?? (parts.includes(undefined) ? undefined : parts.join('_'));
}

/**
 * A key for the message that an event speaks of, such as an archive's primary column: the callbacks after a
 * message was sent, edited and recalled give the same one. Where a callback tells of several messages
 * (`MsgSeqList`, `GroupMsgReceiptList`, `C2CMsgInfo`, `WithdrawMsgList`), ask for each entry of its list.
 *
 * Before a group message is sent it has no `MsgSeq`, so that its key differs from the later ones.
 * @param item The entry of the list. Defaults to the body itself.
 * @returns `undefined` where the fields name no message.
 */
export function messageKey(event: AnyCallbackEvent, item?: object): MessageKey | undefined {
  const fields = { ...fieldsOf(event.body), ...item };
  const conversation = conversationOf(fields);
  if (conversation === undefined) return undefined;
  const keyed = (id: MessageKey['id'], value: string | undefined): MessageKey | undefined =>
    value === undefined
      ? undefined
      : { key: JSON.stringify([event.sdkAppId, ...conversation, id, value]), id };
  const clients = keyed('MsgId', idFrom(fields['MsgId']));
  return conversation[0] === 'Group'
    ? (keyed('MsgSeq', idFrom(fields['MsgSeq'])) ?? clients)
    : (keyed('MsgKey', msgKeyOf(fields)) ?? clients);
}
