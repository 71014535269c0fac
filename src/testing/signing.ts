/** Signs queries as the vendor does. */

import { sign } from '../pipeline/verify.js';

/** What a signed query says. */
export interface SignedQueryOptions {
  /** The token of the console's callback authentication; without one the query is not signed. */
  readonly token?: string;
  readonly sdkAppId: number | string;
  /** The command; any name, so that unknown ones can be tried as well. */
  readonly command: string;
  /** Unix time in seconds. Defaults to now. */
  readonly requestTime?: number;
  /** Client platform. Defaults to `RESTAPI`. */
  readonly platform?: string;
  /** Address of the client. Defaults to `127.0.0.1`. */
  readonly clientIp?: string;
  /** The vendor's id of the request. Defaults to none. */
  readonly requestId?: string;
}

/** The query string, without the question mark, that the vendor would append to your URL. */
export async function signedQuery(options: SignedQueryOptions): Promise<string> {
  const { token, requestTime = Math.floor(Date.now() / 1000), requestId } = options;
  return new URLSearchParams({
    SdkAppid: String(options.sdkAppId),
    CallbackCommand: options.command,
    contenttype: 'json',
    ClientIP: options.clientIp ?? '127.0.0.1',
    OptPlatform: options.platform ?? 'RESTAPI',
    ...(requestId === undefined ? {} : { RequestID: requestId }),
    ...(token === undefined
      ? {}
      : { Sign: await sign(token, requestTime), RequestTime: String(requestTime) }),
  }).toString();
}
