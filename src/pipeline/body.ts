/** Stage 3: bytes, or what another parser made of them, become a JSON object. */

import { decodeUtf8, encodeUtf8 } from '#platform';
import type { Deadline } from '../base/deadline.js';
import { CallbackError, STATUS_TOO_SLOW } from '../base/errors.js';
import { isNestedOver, parseJson } from '../base/json.js';
import { isRecord } from '../base/record.js';
import { isThenable } from '../base/thenable.js';
import type { BodyContent, ParsedBody, RequestBody } from '../protocol/http.js';

/** A decoded body. */
export interface DecodedBody {
  readonly rawBody: Uint8Array | (() => Uint8Array);
  /** The object; `undefined` when the body is empty or `{}`, which is what the console sends to try the URL. */
  readonly value: Record<string, unknown> | undefined;
}

/** Deeper nesting than this is refused: code behind us may well be recursive. */
const MAX_NESTING = 500;

const BLANK = /^[ \t\r\n]*(?:\{[ \t\r\n]*\}[ \t\r\n]*)?$/;

function tooLarge(): CallbackError {
  return new CallbackError('body_too_large');
}

function tooDeep(): CallbackError {
  return new CallbackError('body_not_json', { message: `nested over ${MAX_NESTING} levels` });
}

function checkValueNesting(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw tooDeep();
  for (const child of Object.values(value)) checkValueNesting(child, levels - 1);
}

function decodeText(text: string, rawBody: DecodedBody['rawBody']): DecodedBody {
  if (BLANK.test(text)) return { rawBody, value: undefined };
  // Before a parser sees it.
  if (isNestedOver(text, MAX_NESTING)) throw tooDeep();
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    // Not kept as the cause: the parser's message quotes the sender's text, which does not belong into a log.
  }
  if (!isRecord(value)) throw new CallbackError('body_not_json');
  return { rawBody, value };
}

function textOfParsed(parsed: object): string {
  try {
    return JSON.stringify(parsed);
  } catch (cause) {
    throw new CallbackError('body_unreadable', { message: 'the parsed body is no JSON value', cause });
  }
}

/** Whether it is a `{}`, of whichever realm: a class has a prototype that has one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function decodeParsed({ parsed }: ParsedBody): DecodedBody {
  if (!isRecord(parsed)) throw new CallbackError('body_not_json');
  const isEmpty = Object.keys(parsed).length === 0;
  // Bytes in a buffer, a stream or a map have no names either: it would be taken for the console's try, and be lost.
  if (isEmpty && !isPlain(parsed)) {
    throw new CallbackError('body_unreadable', { message: 'what stands for the body is no JSON object' });
  }
  checkValueNesting(parsed, MAX_NESTING);
  // The text is made now, because validation gives some fields another type.
  const text = textOfParsed(parsed);
  return { rawBody: () => encodeUtf8(text), value: isEmpty ? undefined : parsed };
}

/** The bytes of a body before it is decoded; `undefined` where another parser kept none. */
export function rawBodyOf(content: BodyContent): DecodedBody['rawBody'] | undefined {
  if (typeof content === 'string') return () => encodeUtf8(content);
  return content instanceof Uint8Array ? content : undefined;
}

/**
 * Decodes a body in whichever form it is there.
 * @throws CallbackError `body_too_large`, `body_unreadable` or `body_not_json`.
 */
export function decodeBody(content: BodyContent, limit: number): DecodedBody {
  if (typeof content === 'string') {
    const bytes = encodeUtf8(content);
    if (bytes.byteLength > limit) throw tooLarge();
    return decodeText(content.charCodeAt(0) === 0xfeff ? content.slice(1) : content, bytes);
  }
  if (!(content instanceof Uint8Array)) return decodeParsed(content);
  if (content.byteLength > limit) throw tooLarge();
  const text = decodeUtf8(content);
  if (text === undefined) throw new CallbackError('body_unreadable', { message: 'the body is not UTF-8' });
  return decodeText(text, content);
}

/**
 * Reads the body, at most until the deadline.
 * @throws CallbackError `body_too_large` or `body_unreadable`.
 */
export function readBody(
  body: RequestBody,
  limit: number,
  deadline: Deadline,
): BodyContent | Promise<BodyContent> {
  const content = body.read({ limit, onTimeout: (stop) => deadline.onTimeout(stop) });
  if (!isThenable(content)) return content;
  return deadline.wait(
    content,
    () => new CallbackError('body_unreadable', { status: STATUS_TOO_SLOW, message: 'the body was too slow' }),
    // The deadline itself ends the read, which says nothing new.
    () => undefined,
  );
}
