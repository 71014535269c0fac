/** Reading messages without `!` and `as`. */

import type { KnownMessageElement, MessageElement } from '../generated/types.js';
import type { AnyCallbackEvent } from './event.js';

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

function collect(elements: readonly MessageElement[], depth: number, texts: string[]): void {
  for (const element of elements) {
    if (isElement(element, 'TIMTextElem')) {
      if (typeof element.MsgContent.Text === 'string') texts.push(element.MsgContent.Text);
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
 * All text of an event's message: its text elements and those of forwarded messages, in order, joined by
 * line breaks. `''` when there is none.
 */
export function textOf(event: AnyCallbackEvent): string {
  const texts: string[] = [];
  collect(elementsOf(event), 0, texts);
  return texts.join('\n');
}
