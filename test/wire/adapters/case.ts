/** A case of the list, and what its requests are made of. */

import type { CallbackErrorCode } from '../../../src/base/errors.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import type { Command } from '../../../src/protocol/commands.js';
import type { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import type { HttpRequest } from '../../support/http-client.js';
import { signedQueryFor } from '../../support/requests.js';

/** What a request has to lead to. */
export interface Expected {
  readonly status: number;
  /** The failure; without one the answer is a good one. */
  readonly code?: CallbackErrorCode;
  /** The answer's text. */
  readonly text?: string;
  readonly allow?: string;
  /** The connection has to be closed with the answer. */
  readonly closes?: true;
  /** Commands of the events that reached a handler. Default: none. */
  readonly handled?: readonly string[];
  /** Texts of their messages. Default: they are not looked at. */
  readonly texts?: readonly string[];
}

/** One thing that has to hold. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly options?: () => Partial<QcloudImOptions>;
  /** Done to the receiver before the request is sent. */
  readonly prepare?: (handler: CallbackHandler) => unknown;
  readonly request: () => Promise<HttpRequest>;
  /** `elsewhere`: the request is not the receiver's. `reported`: nobody is there to answer, `onInvalid` is told. */
  readonly expected: Expected | 'elsewhere' | 'reported';
}

export const BEFORE = 'C2C.CallbackBeforeSendMsg';
export const AFTER = 'Group.CallbackAfterSendMsg';
export const HELLO = 'hello';
export const CHINESE = '你好，世界 👋🏽 ‮e\u0301';
export const OK: Expected = { status: 200, handled: [BEFORE], texts: [HELLO] };
/** Time of a request where a case waits for its end. */
export const SHORT_MS = 80;

/** A sample body with another text. */
export function messageOf(command: Command, text: string): Record<string, unknown> {
  return { ...sampleBody(command), MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }] };
}

/** A good body. */
export const hello = JSON.stringify(messageOf(BEFORE, HELLO));

/** A good request, with changes. */
export function sending(
  change: Partial<HttpRequest> = {},
  more: Readonly<Record<string, string | undefined>> = {},
  command: string = BEFORE,
): () => Promise<HttpRequest> {
  return async () => ({ query: await signedQueryFor(command, more), body: hello, ...change });
}

/** A request whose body says that it is JSON. */
export function json(body: string | Uint8Array, more: Partial<HttpRequest> = {}): () => Promise<HttpRequest> {
  return sending({ body, headers: { 'content-type': 'application/json' }, ...more });
}

/** Does not end. */
export const never = (): Promise<never> => new Promise(() => undefined);
