/** What an adapter cannot do, each with its reason. */

import type { Expected } from './case.js';

/** A case that comes out otherwise in some places. */
export interface Exception {
  readonly targets: readonly string[];
  readonly cases: readonly string[];
  readonly reason: string;
  /** What comes out there. Without it the case cannot be run there. */
  readonly instead?: Expected | { readonly status: number; readonly by: 'the framework' };
}

/** Where a form is taken by its own parser. */
const BEHIND_FORM_PARSER = [
  'Express 5 behind express.json()',
  'Express 4 behind express.json()',
  'a module of Nest 12',
];

const BEHIND_BODY_PARSER = ['Connect behind body-parser', ...BEHIND_FORM_PARSER];

/** There the parser keeps the bytes of what it can read. */
const NEST_RAW = 'a module of Nest 12 with rawBody';

export const exceptions: readonly Exception[] = [
  {
    targets: ['the bare core'],
    cases: ['path-1', 'path-2', 'path-3', 'path-4'],
    reason: 'the core knows no paths: what it is handed is for it',
  },
  {
    targets: ['the bare core'],
    cases: ['gzip', 'deflate', 'encoding', 'gzip-damaged', 'gzip-short', 'large-gzip', 'cut-gzip'],
    reason: 'the core is handed bytes that are unpacked',
  },
  {
    targets: ['the bare core'],
    cases: ['large-declared', 'large-chunked', 'cut'],
    reason: 'whoever reads the stream knows its length and its end; the core only has a deadline',
  },
  {
    targets: BEHIND_BODY_PARSER,
    cases: ['good-Mic'],
    reason: 'the parser has rounded a number over 2^53, so that an id of the sample is none any more',
    instead: { status: 400, code: 'body_invalid' },
  },
  {
    targets: BEHIND_FORM_PARSER,
    cases: ['type-form'],
    reason: 'express.urlencoded() took the body and left what it made of a form',
    instead: { status: 400, code: 'body_unreadable' },
  },
  {
    targets: [...BEHIND_BODY_PARSER, NEST_RAW],
    cases: ['type-2'],
    reason: 'the parser itself refuses the charset',
    instead: { status: 415, by: 'the framework' },
  },
  {
    targets: [...BEHIND_BODY_PARSER, NEST_RAW, 'Koa 3 behind koa-bodyparser'],
    cases: ['not-json'],
    reason: 'the parser itself refuses it',
    instead: { status: 400, by: 'the framework' },
  },
  {
    targets: [...BEHIND_BODY_PARSER, 'Koa 3 behind koa-bodyparser'],
    cases: ['not-utf8'],
    reason: 'the parser has put a replacement character where bytes were wrong',
    instead: { status: 200, handled: ['C2C.CallbackBeforeSendMsg'], texts: ['\ufffd'] },
  },
  {
    targets: ['Fastify 5'],
    cases: ['queue-away', 'queue-damaged'],
    reason: 'Fastify waits for ready(): an app whose queue cannot be opened does not start',
  },
  {
    targets: ["Vercel's edge runtime"],
    cases: ['gzip', 'deflate', 'gzip-damaged', 'gzip-short', 'large-gzip', 'cut-gzip'],
    reason: 'the runtime has no DecompressionStream',
    instead: { status: 415, code: 'body_unreadable', closes: true },
  },
];
