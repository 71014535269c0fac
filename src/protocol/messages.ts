/** Reading messages, and changing their text, without `!` and `as`. */

import type { AnswerKinds, KnownMessageElement, MessageElement } from '../generated/types.js';
import { type Answer, ok, type PlainOk, replace } from './answers.js';
import type { Command } from './commands.js';
import type { AnyCallbackEvent, CallbackEvent } from './event.js';

/** Whether an element is of a documented type; narrows its content. */
export function isElement<Type extends KnownMessageElement['MsgType']>(
  element: MessageElement,
  type: Type,
): element is Extract<KnownMessageElement, { MsgType: Type }> {
  return element.MsgType === type;
}

/** Bundles of forwarded messages hold bundles; deeper ones than this are not read. */
const MAX_DEPTH = 20;

function listFrom(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isMessageElement(value: unknown): value is MessageElement {
  const content = (value as { MsgContent?: unknown } | null | undefined)?.MsgContent;
  return typeof content === 'object' && content !== null;
}

function elementsIn(message: unknown): readonly MessageElement[] {
  const { MsgBody } = (message ?? {}) as { MsgBody?: unknown };
  return listFrom(MsgBody).filter(isMessageElement);
}

/** The text of a streamed message: the one for clients that cannot show it, or else its chunks. */
function streamText({ CompatibleText, Chunks }: { CompatibleText?: unknown; Chunks?: unknown }): string[] {
  if (typeof CompatibleText === 'string' && CompatibleText !== '') return [CompatibleText];
  const chunks = listFrom(Chunks).map((chunk) => (chunk as { Markdown?: unknown } | null)?.Markdown);
  const text = chunks.filter((markdown) => typeof markdown === 'string').join('');
  return text === '' ? [] : [text];
}

function collect(elements: readonly MessageElement[], depth: number, texts: string[]): void {
  for (const element of elements) {
    if (isElement(element, 'TIMTextElem')) {
      if (typeof element.MsgContent.Text === 'string') texts.push(element.MsgContent.Text);
    } else if (isElement(element, 'TIMStreamElem')) {
      texts.push(...streamText(element.MsgContent));
    } else if (isElement(element, 'TIMRelayElem') && depth < MAX_DEPTH) {
      for (const message of listFrom(element.MsgContent.MsgList))
        collect(elementsIn(message), depth + 1, texts);
    }
  }
}

/**
 * The elements of an event's message; none when it carries none. What is no element, as bodies that nothing
 * checked may hold, is left out.
 */
export function elementsOf(event: AnyCallbackEvent): readonly MessageElement[] {
  return elementsIn(event.body);
}

/**
 * All text of an event's message: of its text elements, of streamed messages and of forwarded ones, in order,
 * joined by line breaks. `''` when there is none.
 */
export function textOf(event: AnyCallbackEvent): string {
  const texts: string[] = [];
  collect(elementsOf(event), 0, texts);
  return texts.join('\n');
}

/** The commands whose message an answer may replace. */
export type ReplaceableCommand = {
  [Name in Command]: 'replace' extends AnswerKinds[Name] ? Name : never;
}[Command];

/** A text element. */
type TextElement = Extract<KnownMessageElement, { MsgType: 'TIMTextElem' }>;

/**
 * Answers with the message after its texts were changed; all other elements stay as they came. Where no text
 * changes the answer is `ok()`, which leaves the message alone.
 *
 * Only text elements of the message itself are passed. Forwarded bundles (`TIMRelayElem`) and streamed messages
 * (`TIMStreamElem`) are kept as they are: `textOf` reads them too, for those that you would rather refuse.
 * @param change Gives the new text of an element; the same text changes nothing.
 */
export function replaceText(
  event: CallbackEvent<ReplaceableCommand>,
  change: (text: string, element: TextElement) => string,
): PlainOk | Answer<'replace'> {
  let changed = false;
  const MsgBody = elementsOf(event).map((element) => {
    if (!isElement(element, 'TIMTextElem') || typeof element.MsgContent.Text !== 'string') return element;
    const Text = change(element.MsgContent.Text, element);
    if (Text === element.MsgContent.Text) return element;
    changed = true;
    return { ...element, MsgContent: { ...element.MsgContent, Text } };
  });
  return changed ? replace({ MsgBody }) : ok();
}

/** Who is mentioned in a message. */
export interface Mentions {
  /** Whether everybody in the group is: @all. */
  readonly all: boolean;
  /** The accounts that are mentioned by name, each once, in order; none for @all alone. */
  readonly accounts: readonly string[];
}

/**
 * Who is mentioned with @ in a group message. The vendor says so in two callbacks: after a message was sent
 * (`Group.CallbackAfterSendMsg`), and to robots (`Bot.OnGroupMessage`, which lists the robots alone and does not
 * come for @all). Before a message is sent, and in one-to-one messages, there is nothing to read: nobody.
 */
export function mentions(event: AnyCallbackEvent): Mentions {
  const { GroupAtInfo, AtRobots_Account } = (event.body ?? {}) as {
    GroupAtInfo?: unknown;
    AtRobots_Account?: unknown;
  };
  const accounts = new Set<string>();
  let all = false;
  for (const entry of listFrom(GroupAtInfo)) {
    const { GroupAtAllFlag, GroupAt_Account } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (GroupAtAllFlag === 1) all = true;
    if (typeof GroupAt_Account === 'string' && GroupAt_Account !== '') accounts.add(GroupAt_Account);
  }
  for (const robot of listFrom(AtRobots_Account)) if (typeof robot === 'string') accounts.add(robot);
  return { all, accounts: [...accounts] };
}
