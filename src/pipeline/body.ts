/** Stage 3: bytes, or what another parser made of them, become a JSON object. */

import { parse as parseLossless } from 'lossless-json';
import { decodeUtf8, encodeUtf8 } from '#platform';
import type { Deadline } from '../base/deadline.js';
import { CallbackError, STATUS_TOO_SLOW } from '../base/errors.js';
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

/** A number of 16 digits or more, outside of text that begins with it. A double holds 15 for certain. */
const LONG_NUMBER = /[:,[\s]-?[0-9]{16}/;
const LONG = 16;
const INTEGER = /^-?[0-9]+$/;
const BLANK = /^[ \t\r\n]*(?:\{[ \t\r\n]*\}[ \t\r\n]*)?$/;

function tooLarge(): CallbackError {
  return new CallbackError('body_too_large');
}

function tooDeep(): CallbackError {
  return new CallbackError('body_not_json', { message: `nested over ${MAX_NESTING} levels` });
}

/** Refuses text that nests too deep before a parser sees it. Brackets within text do not count. */
function checkNesting(text: string): void {
  // A text this short cannot open and close that many levels.
  if (text.length <= 2 * MAX_NESTING) return;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_NESTING) throw tooDeep();
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

function checkValueNesting(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw tooDeep();
  for (const child of Object.values(value)) checkValueNesting(child, levels - 1);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/**
 * Whether the text holds a number that may lose digits. Walks back from every 16th character, so that most of
 * the text is never looked at: the expression alone takes as long as half of the parsing.
 */
function hasLongNumber(text: string): boolean {
  let before: number;
  for (let at = LONG - 1; at < text.length; at = before + LONG) {
    before = at;
    while (before > at - LONG && isDigit(text.charCodeAt(before))) before--;
    if (before === at - LONG) return LONG_NUMBER.test(text);
  }
  return false;
}

/** Parses JSON so that an integer that no double can hold becomes its digits. */
function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!hasLongNumber(text)) return value;
  return parseLossless(text, undefined, {
    parseNumber: (digits) => {
      const number = Number(digits);
      return Number.isSafeInteger(number) || !INTEGER.test(digits) ? number : digits;
    },
    // As JSON.parse does.
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

function decodeText(text: string, rawBody: DecodedBody['rawBody']): DecodedBody {
  if (BLANK.test(text)) return { rawBody, value: undefined };
  checkNesting(text);
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

function decodeParsed({ parsed }: ParsedBody): DecodedBody {
  if (!isRecord(parsed)) throw new CallbackError('body_not_json');
  checkValueNesting(parsed, MAX_NESTING);
  // The text is made now, because validation gives some fields another type.
  const text = textOfParsed(parsed);
  return { rawBody: () => encodeUtf8(text), value: Object.keys(parsed).length === 0 ? undefined : parsed };
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
