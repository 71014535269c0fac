/** Reading messages without `!` and `as`. */

import type { AnyCallbackEvent } from './event.js';
import type { KnownMessageElement, MessageElement } from './generated/types.js';

/** Whether an element is of a documented type; narrows its content. */
export function isElement<Type extends KnownMessageElement['MsgType']>(
  element: MessageElement,
  type: Type,
): element is Extract<KnownMessageElement, { MsgType: Type }> {
  return element.MsgType === type;
}

/** Bundles of forwarded messages hold bundles; deeper ones than this are not read. */
const MAX_DEPTH = 20;

function collect(elements: readonly MessageElement[], depth: number, texts: string[]): void {
  for (const element of elements) {
    if (isElement(element, 'TIMTextElem')) {
      if (typeof element.MsgContent.Text === 'string') texts.push(element.MsgContent.Text);
    } else if (isElement(element, 'TIMRelayElem') && depth < MAX_DEPTH) {
      for (const message of element.MsgContent.MsgList ?? [])
        collect(message.MsgBody ?? [], depth + 1, texts);
    }
  }
}

/** The elements of an event's message; none when it carries none. */
export function elementsOf(event: AnyCallbackEvent): readonly MessageElement[] {
  const elements = event.extra('MsgBody');
  return Array.isArray(elements) ? elements : [];
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
