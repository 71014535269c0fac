/** Entry `qcloud-im-callback/testing`: try your handlers without the vendor's console. */

import { examples } from '../generated/examples.js';
import { sign } from '../pipeline/verify.js';
import type { Command } from '../protocol/commands.js';
import { type CallbackEvent, type EventInit, eventFrom } from '../protocol/event.js';
import { CallbackHandler } from '../receiver/handler.js';

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

/** A full body of a command as it comes over the wire, with invented values. Yours to change. */
export function sampleBody(command: Command): Record<string, unknown> {
  return structuredClone(examples[command]) as Record<string, unknown>;
}

/** What may differ in a sample event. */
export interface SampleEventOptions extends Pick<EventInit, 'attempt' | 'signal' | 'id'> {
  /** Fields that replace or join those of `sampleBody`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Defaults to `1400000000`. */
  readonly sdkAppId?: number | string;
  readonly platform?: string;
  readonly clientIp?: string;
  /** Defaults to now. */
  readonly receivedAt?: Date;
}

/**
 * An event to call a handler with.
 * @throws CallbackError `body_invalid` when the changed body does not fit the command's schema.
 */
export function sampleEvent<Name extends Command>(
  command: Name,
  options: SampleEventOptions = {},
): CallbackEvent<Name> {
  const {
    body,
    sdkAppId = '1400000000',
    platform = 'RESTAPI',
    clientIp = '127.0.0.1',
    receivedAt,
    ...rest
  } = options;
  const checker = new CallbackHandler({ sdkAppId: false, token: false, logger: false });
  const checked = checker.createEvent(
    {
      SdkAppid: String(sdkAppId),
      CallbackCommand: command,
      ContentType: 'json',
      ClientIP: clientIp,
      OptPlatform: platform,
    },
    JSON.stringify({ ...sampleBody(command), ...body }),
  );
  return eventFrom({
    ...rest,
    command,
    params: checked.params,
    body: checked.body,
    rawBody: checked.rawBody,
    receivedAt: (receivedAt ?? new Date()).getTime(),
  }) as CallbackEvent<Name>;
}
