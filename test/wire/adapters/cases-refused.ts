/** Requests that are refused: before their body is read, or because of it. */

import { gzipSync } from 'node:zlib';
import { NOW, signedQueryFor } from '../../support/requests.js';
import { AFTER, BEFORE, type Case, HELLO, hello, json, messageOf, OK, SHORT_MS, sending } from './case.js';

export const refused: readonly Case[] = [
  ...['GET', 'PUT', 'DELETE'].map(
    (method): Case => ({
      id: `method-${method}`,
      title: `MUST refuse ${method} on its own path and name POST`,
      request: sending({ method, body: '' }),
      expected: { status: 405, code: 'method_not_allowed', allow: 'POST' },
    }),
  ),
  {
    id: 'query-missing',
    title: 'MUST refuse a callback without a command',
    request: sending({}, { CallbackCommand: undefined }),
    expected: { status: 400, code: 'query_invalid' },
  },
  {
    id: 'query-twice',
    title: 'MUST refuse a name that is given twice, in whatever spelling',
    request: async () => ({ query: `${await signedQueryFor(BEFORE)}&sdkappid=1`, body: hello }),
    expected: { status: 400, code: 'query_invalid', closes: true },
  },
  {
    id: 'query-many',
    title: 'MUST refuse a query of more than 64 parameters',
    request: async () => ({ query: `${await signedQueryFor(BEFORE)}${'&x=1'.repeat(64)}`, body: hello }),
    expected: { status: 400, code: 'query_invalid', closes: true },
  },
  {
    id: 'query-malformed',
    title: 'MUST take malformed names for those of others',
    request: async () => ({ query: `%&%ff=%&${await signedQueryFor(BEFORE)}&%zz=1`, body: hello }),
    expected: OK,
  },
  {
    id: 'address-bad',
    title: 'MUST refuse an address that is not in allowFrom',
    options: () => ({ allowFrom: ['192.0.2.0/24'] }),
    request: sending(),
    expected: { status: 403, code: 'address_refused', closes: true },
  },
  {
    id: 'app-unknown',
    title: 'MUST refuse another app',
    request: sending({}, { SdkAppid: '1' }),
    expected: { status: 403, code: 'app_unknown', closes: true },
  },
  {
    id: 'sign-missing',
    title: 'MUST refuse a callback without Sign',
    request: sending({}, { Sign: undefined }),
    expected: { status: 401, code: 'signature_missing', closes: true },
  },
  {
    id: 'sign-wrong',
    title: 'MUST refuse a wrong Sign',
    request: sending({}, { Sign: 'a'.repeat(64) }),
    expected: { status: 401, code: 'signature_invalid', closes: true },
  },
  {
    id: 'sign-old',
    title: 'MUST refuse a Sign that is too old',
    request: async () => ({
      query: await signedQueryFor(BEFORE, {}, { time: String(NOW / 1000 - 61) }),
      body: hello,
    }),
    expected: { status: 401, code: 'request_expired', closes: true },
  },
  {
    id: 'early',
    title: 'MUST refuse a stranger before the body has come, and close the connection',
    request: async () => ({ query: '', body: 'x', headers: { 'content-length': '9' }, after: 'hang' }),
    expected: { status: 401, code: 'signature_missing', closes: true },
  },
  {
    id: 'token-away',
    title: 'MUST answer 503 when the token cannot be looked up',
    options: () => ({ token: () => Promise.reject(new Error('the store of tokens is away')) }),
    request: sending(),
    expected: { status: 503, code: 'token_unavailable', closes: true },
  },
];

export const bodies: readonly Case[] = [
  {
    id: 'type-object',
    title: 'MUST refuse an object where the type of an element belongs, as any other wrong type',
    request: json(
      JSON.stringify({
        ...messageOf(BEFORE, HELLO),
        MsgBody: [{ MsgType: { toString: 1 }, MsgContent: {} }],
      }),
    ),
    expected: { status: 400, code: 'body_invalid' },
  },
  {
    id: 'large-declared',
    title: 'MUST refuse a body whose declared length is over the limit before it has come',
    request: sending({ body: 'x', headers: { 'content-length': '1048577' }, after: 'hang' }),
    expected: { status: 413, code: 'body_too_large', closes: true },
  },
  {
    id: 'large-chunked',
    title: 'MUST refuse a body of unknown length as soon as it is over the limit',
    options: () => ({ bodyLimit: 64 }),
    request: sending({ headers: { 'transfer-encoding': 'chunked' }, after: 'hang' }),
    expected: { status: 413, code: 'body_too_large', closes: true },
  },
  {
    id: 'large-gzip',
    title: 'MUST refuse a body that is over the limit when it is unpacked',
    options: () => ({ bodyLimit: 64 * 1024 }),
    request: sending({ body: gzipSync(' '.repeat(128 * 1024)), headers: { 'content-encoding': 'gzip' } }),
    expected: { status: 413, code: 'body_too_large' },
  },
  {
    id: 'slow',
    title: 'MUST answer 408 to a body that does not come in time',
    options: () => ({ deadlineMs: SHORT_MS }),
    request: sending({ body: '{', headers: { 'content-length': '9' }, after: 'hang' }),
    expected: { status: 408, code: 'body_unreadable', closes: true },
  },
  {
    id: 'encoding',
    title: 'MUST refuse an encoding that it does not know',
    request: sending({ headers: { 'content-encoding': 'zstd' } }),
    expected: { status: 415, code: 'body_unreadable', closes: true },
  },
  {
    id: 'gzip-damaged',
    title: 'MUST refuse a gzip body that is damaged',
    request: sending({ body: 'no gzip', headers: { 'content-encoding': 'gzip' } }),
    expected: { status: 400, code: 'body_unreadable' },
  },
  {
    id: 'gzip-short',
    title: 'MUST refuse a gzip body that ends too early',
    request: sending({ body: gzipSync(hello).subarray(0, -12), headers: { 'content-encoding': 'gzip' } }),
    expected: { status: 400, code: 'body_unreadable' },
  },
  {
    id: 'not-utf8',
    title: 'MUST refuse a body that is not UTF-8',
    request: json(Buffer.from(hello.replace(HELLO, '\xe9'), 'latin1')),
    expected: { status: 400, code: 'body_unreadable' },
  },
  {
    id: 'not-json',
    title: 'MUST refuse a body that is not JSON',
    request: json('{"a":'),
    expected: { status: 400, code: 'body_not_json' },
  },
  {
    id: 'not-object',
    title: 'MUST refuse JSON that is no object',
    request: json('[1]'),
    expected: { status: 400, code: 'body_not_json' },
  },
  {
    id: 'mismatch',
    title: 'MUST refuse a body that names another command than the query',
    request: json(JSON.stringify({ ...messageOf(BEFORE, HELLO), CallbackCommand: AFTER })),
    expected: { status: 400, code: 'command_mismatch' },
  },
  {
    id: 'invalid',
    title: 'MUST refuse a body that does not fit its command',
    request: json('{"From_Account":{}}'),
    expected: { status: 400, code: 'body_invalid' },
  },
  {
    id: 'cut',
    title: 'MUST survive a client that goes away amid the body, and report it',
    request: sending({ body: '{"From', headers: { 'content-length': '999' }, after: 'cut' }),
    expected: 'reported',
  },
  {
    id: 'cut-gzip',
    title: 'MUST survive a client that goes away amid a gzip body, and report it',
    request: sending({
      body: gzipSync(hello).subarray(0, 40),
      headers: { 'content-encoding': 'gzip', 'content-length': '999' },
      after: 'cut',
    }),
    expected: 'reported',
  },
];
