/** The callback that every server gets: signed, without a Content-Type, as the vendor sends it. */

import { sampleBody, signedQuery } from '../../../src/testing.js';

const SDK_APP_ID = 1400000000;
const TOKEN = 'bench-token';
const PATH = '/im/callback';
const COMMAND = 'C2C.CallbackBeforeSendMsg';
/** Bytes of the body unless another size is asked for. */
export const BODY_BYTES = 900;
/** From this size on a message is a large one. */
export const LARGE_BYTES = 100_000;
const WORDS = '明天九点在老地方见，记得带上照片。 ';

/** What the servers have to know; the same as the requests are made of. */
export const environment = {
  BENCH_PATH: PATH,
  BENCH_SDK_APP_ID: String(SDK_APP_ID),
  BENCH_TOKEN: TOKEN,
} as const;

/** What every server answers. */
export const ANSWER = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';

function bodyWith(text: string): string {
  return JSON.stringify({
    ...sampleBody(COMMAND),
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }],
  });
}

/** The body: text in Chinese, filled up to the size. */
export function callbackBody(bytes: number): string {
  const room = bytes - Buffer.byteLength(bodyWith(''));
  const text = WORDS.repeat(Math.floor(room / Buffer.byteLength(WORDS)));
  return bodyWith(text + '.'.repeat(room - Buffer.byteLength(text)));
}

/** A query that is signed for now: it is refused a minute later. */
export function callbackQuery(): Promise<string> {
  return signedQuery({ sdkAppId: SDK_APP_ID, token: TOKEN, command: COMMAND, platform: 'iOS' });
}

/** Where a server on this port gets callbacks. */
export function callbackUrl(port: number, query: string): string {
  return `http://127.0.0.1:${port}${PATH}?${query}`;
}
