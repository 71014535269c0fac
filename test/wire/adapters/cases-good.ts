/** Requests that are answered, and those that are for others. */

import { deflateSync, gzipSync } from 'node:zlib';
import { refuse } from '../../../src/protocol/answers.js';
import { COMMANDS } from '../../../src/protocol/commands.js';
import { sampleBody } from '../../../src/testing.js';
import { signedQueryFor } from '../../support/requests.js';
import { AFTER, BEFORE, type Case, CHINESE, HELLO, hello, json, messageOf, OK, sending } from './case.js';

const VERDICT = '请勿发送广告 🚫';

/** The first command of each family. */
const families = [
  ...new Map([...COMMANDS].reverse().map(({ name }) => [name.split('.')[0], name])).entries(),
];

export const good: readonly Case[] = [
  ...families.map(
    ([family, name]): Case => ({
      id: `good-${family}`,
      title: `MUST hand ${name} to its handler and answer 200`,
      request: async () => ({
        query: await signedQueryFor(name),
        body: JSON.stringify(sampleBody(name)),
        headers: { 'content-type': 'application/json' },
      }),
      expected: { status: 200, handled: [name] },
    }),
  ),
  { id: 'type-none', title: 'MUST read a body without a Content-Type', request: sending(), expected: OK },
  ...['text/plain', 'application/json; charset=gbk', ';;;'].map(
    (type, index): Case => ({
      id: `type-${index + 1}`,
      title: `MUST read a body whose Content-Type is ${type}`,
      request: sending({ headers: { 'content-type': type } }),
      expected: OK,
    }),
  ),
  {
    id: 'type-form',
    title: 'MUST read a body that calls itself a form',
    request: sending({ headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    expected: OK,
  },
  {
    id: 'text-in',
    title: 'MUST hand over Chinese, emoji and combined characters as they came',
    request: json(JSON.stringify(messageOf(BEFORE, CHINESE))),
    expected: { status: 200, handled: [BEFORE], texts: [CHINESE] },
  },
  {
    id: 'text-out',
    title: 'MUST answer Chinese and emoji in UTF-8 with the length in bytes',
    options: () => ({ handlers: { [BEFORE]: () => refuse(VERDICT) } }),
    request: json(hello),
    expected: { status: 200, text: VERDICT },
  },
  {
    id: 'text-escaped',
    title: 'MUST read JSON escapes',
    request: json(hello.replace(HELLO, '\\u4f60\\u597d \\ud83d\\udc4b')),
    expected: { status: 200, handled: [BEFORE], texts: ['你好 👋'] },
  },
  {
    id: 'gzip',
    title: 'MUST read a gzip body',
    request: json(gzipSync(hello), { headers: { 'content-encoding': 'gzip' } }),
    expected: OK,
  },
  {
    id: 'deflate',
    title: 'MUST read a deflate body',
    request: json(deflateSync(hello), { headers: { 'content-encoding': 'deflate' } }),
    expected: OK,
  },
  {
    id: 'chunked',
    title: 'MUST read a body of unknown length',
    request: sending({ headers: { 'transfer-encoding': 'chunked' } }),
    expected: OK,
  },
  {
    id: 'check-empty',
    title: 'MUST answer the URL check, whose body is empty, without a handler',
    request: sending({ body: '' }, { SdkAppid: undefined, CallbackCommand: undefined }),
    expected: { status: 200 },
  },
  {
    id: 'check-braces',
    title: 'MUST answer the URL check, whose body is {}, without a handler',
    request: json('{}'),
    expected: { status: 200 },
  },
  {
    id: 'unknown-command',
    title: 'MUST answer a command that is not documented',
    request: sending({ body: '{"Level":9}' }, {}, 'Some.NewCallback'),
    expected: { status: 200 },
  },
  {
    id: 'queued',
    title: 'MUST answer a queued event and run its handler',
    request: sending({ body: JSON.stringify(messageOf(AFTER, CHINESE)) }, {}, AFTER),
    expected: { status: 200, handled: [AFTER], texts: [CHINESE] },
  },
  {
    id: 'address-good',
    title: 'MUST know the address of the client',
    options: () => ({ allowFrom: ['127.0.0.1'] }),
    request: sending(),
    expected: OK,
  },
];

export const paths: readonly Case[] = [
  ...['/elsewhere', '/im/callback/below', '/im/callbacks', '/IM/other'].map(
    (path, index): Case => ({
      id: `path-${index + 1}`,
      title: `MUST leave ${path} to others`,
      request: sending({ path }),
      expected: 'elsewhere',
    }),
  ),
];
