/** Requests for tests: signed queries, and what an adapter would hand to the core. */

import type { QcloudImOptions } from '../../src/options/options.js';
import { sign } from '../../src/pipeline/verify.js';
import type { BodyContent, CallbackRequest, CallbackResponse, ReadOptions } from '../../src/protocol/http.js';

export const APP = '1400000000';
export const TOKEN = 'test-token';
/** Where the clock of the tests stands: Unix milliseconds. */
export const NOW = 1_739_000_000_000;
export const REQUEST_TIME = String(NOW / 1000);

/** Options of a receiver whose clock stands still and that logs nothing. */
export const baseOptions = {
  sdkAppId: APP,
  token: TOKEN,
  now: () => NOW,
  logger: false,
} as const satisfies QcloudImOptions;

/** A query by its parts; `undefined` leaves a part out. */
export function queryOf(parts: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined);
  return new URLSearchParams(given).toString();
}

/** The query that the vendor sends for a command, signed for `NOW` unless told otherwise. */
export async function signedQueryFor(
  command: string,
  more: Readonly<Record<string, string | undefined>> = {},
  { token = TOKEN, time = REQUEST_TIME }: { readonly token?: string; readonly time?: string } = {},
): Promise<string> {
  return queryOf({
    SdkAppid: APP,
    CallbackCommand: command,
    contenttype: 'json',
    ClientIP: '192.0.2.7',
    OptPlatform: 'iOS',
    Sign: await sign(token, time),
    RequestTime: time,
    ...more,
  });
}

/** What a test may say of a request beside its query. */
export interface RequestParts {
  readonly method?: string;
  readonly remoteAddress?: string;
  readonly background?: boolean;
  /** Whether the body was read before. Default: so, when it is there at once. */
  readonly received?: boolean;
  /** Replaces the body: called when the core reads it. */
  readonly read?: (options: ReadOptions) => BodyContent | Promise<BodyContent>;
}

/** A request whose body is these bytes, this text, or `{ parsed }`. */
export function requestOf(query: string, body: BodyContent = '', parts: RequestParts = {}): CallbackRequest {
  const { method = 'POST', remoteAddress, background, read = () => body, received = true } = parts;
  return {
    method,
    query,
    body: { received, read },
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    ...(background === undefined ? {} : { background }),
  };
}

/** A signed request of a command with a body that becomes JSON. */
export async function callbackOf(
  command: string,
  body: Readonly<Record<string, unknown>>,
  parts: RequestParts = {},
): Promise<CallbackRequest> {
  return requestOf(await signedQueryFor(command), JSON.stringify(body), parts);
}

/** The JSON of an answer. */
export function jsonOf({ body }: CallbackResponse): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}
