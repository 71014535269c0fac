/** Stage 1: method and query. Reads the raw query itself, because frameworks disagree on how to. */

import { CallbackError } from '../base/errors.js';
import { type CommandEntry, findCommand } from '../protocol/commands.js';
import type { CallbackRequest } from '../protocol/http.js';
import { PARAMETERS, type URLParams } from '../protocol/url-params.js';

/** What a request says before its body is read. */
export interface Envelope {
  readonly params: URLParams;
  /** The documented command that the query names, if it does. */
  readonly entry: CommandEntry | undefined;
  /** `Sign`; `''` when absent. */
  readonly sign: string;
  /** `RequestTime`; `''` when absent. */
  readonly requestTime: string;
}

const FIELDS = [...PARAMETERS, 'Sign', 'RequestTime'] as const;

/**
 * Index of a field by its name in lower case, and by the spelling that is usual, so that most names are found as
 * they are.
 */
const fieldByName = new Map<string, number>();
for (const [index, field] of FIELDS.entries()) {
  fieldByName.set(field, index).set(field.toLowerCase(), index);
}

/** Longest query that is read, in characters; the vendor's have some 300. Node's own bound for all headers is the same. */
const MAX_QUERY = 16_384;

/** Most parameters that are read; the vendor sends 8. */
const MAX_PARAMETERS = 64;

/** The shortest name that can be one of ours, and the longest, all of it encoded: others are not looked at. */
const MIN_NAME = Math.min(...FIELDS.map(({ length }) => length));
const MAX_NAME = 3 * Math.max(...FIELDS.map(({ length }) => length));

const ENCODED = /[%+]/;
const ENCODED_ASCII = /%([0-7][0-9a-f])/gi;
const WELL_ENCODED = /^(?:[^%]|%[0-9a-f]{2})*$/i;

/** Where the mark is, or else the end of the text. */
function indexOrEnd(text: string, mark: string, from = 0): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

/** The name of a parameter. Ours are ASCII, so that nothing else is decoded: a stranger may send 64 of them. */
function decodeName(text: string): string {
  if (!ENCODED.test(text)) return text;
  return text.replace(ENCODED_ASCII, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** The value of one of our parameters: each comes once. What is no encoded text is compared as it came. */
function decodeValue(text: string): string {
  if (!ENCODED.test(text)) return text;
  const spaced = text.replaceAll('+', ' ');
  if (!WELL_ENCODED.test(spaced)) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Encoded bytes that are no UTF-8.
    return spaced;
  }
}

function tooLong(what: string): CallbackError {
  return new CallbackError('query_invalid', { message: `the query has ${what}` });
}

function repeated(index: number): CallbackError {
  const field = FIELDS[index];
  const code = field === 'Sign' || field === 'RequestTime' ? 'signature_invalid' : 'query_invalid';
  return new CallbackError(code, { message: `${field} is given twice` });
}

/**
 * Reads the envelope. Names are matched without case.
 * @throws CallbackError `method_not_allowed`; `query_invalid` when it is longer than the vendor's can be;
 * `query_invalid` or `signature_invalid` when a name is given twice, in whatever spellings.
 */
export function readEnvelope(request: Pick<CallbackRequest, 'method' | 'query'>): Envelope {
  if (request.method !== 'POST') throw new CallbackError('method_not_allowed');
  const { query } = request;
  if (query.length > MAX_QUERY) throw tooLong(`over ${MAX_QUERY} characters`);
  const found: (string | undefined)[] = [];
  let count = 0;
  for (let start = 0, end: number; start < query.length; start = end + 1) {
    end = indexOrEnd(query, '&', start);
    count += 1;
    if (count > MAX_PARAMETERS) throw tooLong(`over ${MAX_PARAMETERS} parameters`);
    if (end - start < MIN_NAME) continue;
    const part = query.slice(start, end);
    // In the part: from its start on in the whole query, many parts without one would take time by their square.
    const equals = indexOrEnd(part, '=');
    if (equals < MIN_NAME || equals > MAX_NAME) continue;
    const name = decodeName(part.slice(0, equals));
    const field = fieldByName.get(name) ?? fieldByName.get(name.toLowerCase());
    if (field === undefined) continue;
    if (found[field] !== undefined) throw repeated(field);
    found[field] = decodeValue(part.slice(equals + 1));
  }
  const [app, command = '', contentType, clientIp, platform, requestId, sign, requestTime] = found;
  return {
    params: {
      SdkAppid: app ?? '',
      CallbackCommand: command,
      ContentType: contentType ?? '',
      ClientIP: clientIp ?? '',
      OptPlatform: platform ?? '',
      ...(requestId === undefined ? {} : { RequestId: requestId }),
    },
    entry: findCommand(command),
    sign: sign ?? '',
    requestTime: requestTime ?? '',
  };
}
