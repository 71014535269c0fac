/** Stage 1: method and query. Reads the raw query itself, because frameworks disagree on how to. */

import { CallbackError } from '../base/errors.js';
import { type CommandEntry, findCommand } from '../protocol/commands.js';
import type { CallbackRequest } from '../protocol/http.js';
import type { URLParams } from '../protocol/url-params.js';

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

const FIELDS = [
  'SdkAppid',
  'CallbackCommand',
  'ContentType',
  'ClientIP',
  'OptPlatform',
  'RequestId',
  'Sign',
  'RequestTime',
] as const;

/**
 * Index of a field by its name in lower case, and by the spelling that is usual, so that most names are found as
 * they are.
 */
const fieldByName = new Map<string, number>();
for (const [index, field] of FIELDS.entries()) {
  fieldByName.set(field, index).set(field.toLowerCase(), index);
}

const ENCODED = /[%+]/;

/** Where the mark is, or else the end of the text. */
function indexOrEnd(text: string, mark: string, from = 0): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

/** Text of a part that may be encoded. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not an encoded text after all; it is compared as it came.
    return spaced;
  }
}

function asItCame(text: string): string {
  return text;
}

function repeated(index: number): CallbackError {
  const field = FIELDS[index];
  const code = field === 'Sign' || field === 'RequestTime' ? 'signature_invalid' : 'query_invalid';
  return new CallbackError(code, { message: `${field} is given twice` });
}

/**
 * Reads the envelope. Names are matched without case.
 * @throws CallbackError `method_not_allowed`; `query_invalid` or `signature_invalid` when a name is given
 * twice, in whatever spellings.
 */
export function readEnvelope(request: Pick<CallbackRequest, 'method' | 'query'>): Envelope {
  if (request.method !== 'POST') throw new CallbackError('method_not_allowed');
  const { query } = request;
  const found: (string | undefined)[] = [];
  const textOf = ENCODED.test(query) ? decode : asItCame;
  for (let start = 0, end: number; start < query.length; start = end + 1) {
    end = indexOrEnd(query, '&', start);
    const part = query.slice(start, end);
    // In the part: from its start on in the whole query, many parts without one would take time by their square.
    const equals = indexOrEnd(part, '=');
    const name = textOf(part.slice(0, equals));
    const field = fieldByName.get(name) ?? fieldByName.get(name.toLowerCase());
    if (field === undefined) continue;
    if (found[field] !== undefined) throw repeated(field);
    found[field] = textOf(part.slice(equals + 1));
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
