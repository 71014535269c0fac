/** Hostile requests made by hand: each way to fail, and what is known to hurt other receivers. */

import { gzipSync } from 'node:zlib';
import { sampleBody } from '../../../src/testing.js';
import { chunk, head, requestBytes } from '../../support/sockets.js';

/** One request, and the answer that it has to get. */
export interface Handmade {
  readonly title: string;
  readonly bytes: Buffer;
  readonly status: number;
  /** Absent: the answer is no failure. */
  readonly code?: string;
}

const MESSAGE = 'C2C.CallbackBeforeSendMsg';
const MIB = 1024 * 1024;
const CHUNKED = { 'transfer-encoding': 'chunked' };
const GZIP = { 'content-encoding': 'gzip' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function messageWith(fields: object): string {
  return JSON.stringify({ ...sampleBody(MESSAGE), ...fields });
}

/** @param sign Gives the signed query of a command, with parts replaced (or taken out by `undefined`). */
export async function handmade(
  sign: (command: string, more?: Readonly<Record<string, string | undefined>>) => Promise<string>,
): Promise<readonly Handmade[]> {
  const to = async (path: string, command: string, more = {}) => `${path}?${await sign(command, more)}`;
  const im = await to('/im', MESSAGE);
  const echo = await to('/im', 'Test.Echo');
  const good = messageWith({});
  const long = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const elements = Array.from({ length: 20_000 }, () => ({ MsgType: 1, MsgContent: { Text: 'x' } }));
  const refused = (title: string, bytes: Buffer, code: string, status: number): Handmade => ({
    title,
    bytes,
    code,
    status,
  });
  const body = (content: string | Uint8Array, headers = {}): Buffer => requestBytes(im, content, headers);
  const early = async (title: string, path: string, more: object, code: string, status: number) =>
    refused(title, requestBytes(await to(path, MESSAGE, more), good), code, status);

  return [
    ...['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'].map((method) =>
      refused(`the method ${method}`, requestBytes(im, good, {}, method), 'method_not_allowed', 405),
    ),
    await early('no app id', '/im', { SdkAppid: undefined }, 'query_invalid', 400),
    await early('no command', '/im', { CallbackCommand: undefined }, 'query_invalid', 400),
    await early('an app id twice', '/im', { sdkappid: '1400000000' }, 'query_invalid', 400),
    await early('an address that may not send', '/elsewhere', {}, 'address_refused', 403),
    await early('another app', '/im', { SdkAppid: '1' }, 'app_unknown', 403),
    await early('the app "__proto__"', '/im', { SdkAppid: '__proto__' }, 'app_unknown', 403),
    await early('no signature', '/im', { Sign: undefined }, 'signature_missing', 401),
    await early('a wrong signature', '/im', { Sign: '0'.repeat(64) }, 'signature_invalid', 401),
    await early(
      'a megabyte of zeros as time',
      '/im',
      { RequestTime: '0'.repeat(4000) },
      'signature_invalid',
      401,
    ),
    await early('a signature twice', '/im', { sign: '0'.repeat(64) }, 'signature_invalid', 401),
    await early('an old request', '/im', { RequestTime: '1' }, 'request_expired', 401),
    await early('a token that cannot be found', '/lookup', {}, 'token_unavailable', 503),
    await early('a receiver that closes', '/closed', {}, 'closing', 503),
    await early('a receiver with a bug', '/bug', {}, 'internal', 500),
    refused(
      'a length over the limit',
      Buffer.from(head(im, { 'content-length': `${MIB + 1}` })),
      'body_too_large',
      413,
    ),
    refused(
      'a length beyond all numbers',
      Buffer.from(head(im, { 'content-length': '9'.repeat(15) })),
      'body_too_large',
      413,
    ),
    refused(
      'chunks over the limit',
      Buffer.concat([Buffer.from(head(im, CHUNKED)), chunk(Buffer.alloc(MIB + 1, 0x20))]),
      'body_too_large',
      413,
    ),
    refused('a bomb of 200 MiB', body(gzipSync(Buffer.alloc(200 * MIB)), GZIP), 'body_too_large', 413),
    refused('gzip that is none', body(good, GZIP), 'body_unreadable', 400),
    refused('gzip that is cut', body(gzipSync(good).subarray(0, -9), GZIP), 'body_unreadable', 400),
    refused('brotli', body(good, { 'content-encoding': 'br' }), 'body_unreadable', 415),
    refused('bytes that are no text', body(Buffer.alloc(1000, 0xff)), 'body_unreadable', 400),
    refused(
      'a body that stays away',
      Buffer.from(head(await to('/slow', MESSAGE), { 'content-length': '10' })),
      'body_unreadable',
      408,
    ),
    refused(
      'a compressed body that stays away',
      Buffer.from(head(await to('/slow', MESSAGE), { 'content-length': '10', ...GZIP })),
      'body_unreadable',
      408,
    ),
    refused('a form', body('a=1', FORM), 'body_not_json', 400),
    refused('a list in 100,000 lists', body(long), 'body_not_json', 400),
    refused(
      'a list in 100,000 lists, in a field',
      body(messageWith({ X: 0 }).replace('"X":0', `"X":${long}`)),
      'body_not_json',
      400,
    ),
    refused('100,000 open objects', body('{"a":'.repeat(100_000)), 'body_not_json', 400),
    refused('a megabyte of blanks and a letter', body(`${' '.repeat(MIB - 1)}x`), 'body_not_json', 400),
    refused('a megabyte of brackets that close', body(']'.repeat(MIB)), 'body_not_json', 400),
    refused(
      'a body of another command',
      body(messageWith({ CallbackCommand: 'State.StateChange' })),
      'command_mismatch',
      400,
    ),
    refused(
      'a schema that is broken in 20,000 places',
      body(messageWith({ MsgBody: elements })),
      'body_invalid',
      400,
    ),
    refused('a body without fields that it needs', body('{"a":1}'), 'body_invalid', 400),
    refused(
      'a handler that throws',
      requestBytes(await to('/im', 'Test.Throw'), '{"a":1}'),
      'handler_failed',
      500,
    ),
    refused(
      'an answer that is none',
      requestBytes(await to('/im', 'Test.NoAnswer'), '{"a":1}'),
      'handler_failed',
      500,
    ),
    refused(
      'a handler that hangs',
      requestBytes(await to('/slow', 'Test.Never'), '{"a":1}'),
      'handler_timeout',
      503,
    ),
    refused(
      'a queue that fails',
      requestBytes(await to('/failed', 'Test.Queued'), '{"a":1}'),
      'queue_failed',
      503,
    ),
    refused(
      'a queue whose directory is damaged',
      requestBytes(await to('/damaged', 'Test.Queued'), '{"a":1}'),
      'queue_damaged',
      503,
    ),
    {
      title: 'a first event for a small queue',
      bytes: requestBytes(await to('/full', 'Test.Queued'), '{"a":1}'),
      status: 200,
    },
    {
      title: 'a second event for it',
      bytes: requestBytes(await to('/full', 'Test.Queued'), '{"a":2}'),
      status: 200,
    },
    refused(
      'a third event for it',
      requestBytes(await to('/full', 'Test.Queued'), '{"a":3}'),
      'queue_full',
      503,
    ),
    {
      title: 'a command named "constructor"',
      bytes: requestBytes(await to('/im', 'constructor'), '{"a":1}'),
      status: 200,
    },
    {
      title: 'a command named "__proto__"',
      bytes: requestBytes(await to('/im', '__proto__'), '{"a":1}'),
      status: 200,
    },
    {
      title: 'a command of 10,000 letters',
      bytes: requestBytes(await to('/im', 'x'.repeat(10_000)), '{"a":1}'),
      status: 200,
    },
    {
      title: 'keys of objects',
      bytes: requestBytes(echo, '{"__proto__":{"Value":1},"constructor":2}'),
      status: 200,
    },
    {
      title: 'a megabyte of digits',
      bytes: requestBytes(echo, `{"Value":${'9'.repeat(MIB - 100)}}`),
      status: 200,
    },
    {
      title: '50,000 numbers that a double cannot hold',
      bytes: requestBytes(
        echo,
        `{"a":[${Array.from({ length: 50_000 }, () => '12345678901234567').join()}]}`,
      ),
      status: 200,
    },
  ];
}
