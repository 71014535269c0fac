/** What is measured, and what is wanted of it. */

/** A server of `servers/`, or what works on events without one. */
export interface Candidate {
  /** The file in `servers/`, and the name on the command line. */
  readonly name: string;
  readonly title: string;
  /**
   * Whether requests say `Content-Type: application/json`. The vendor's do not, and nobody needs it but the
   * two routes, whose frameworks would read no body without it.
   */
  readonly typed?: true;
  /** No server: it is handed events, which lie in memory. */
  readonly inMemory?: true;
}

/** The peers that all others are compared with. */
export const BARE_HTTP = 'bare-http';
export const EXPRESS_ROUTE = 'express-route';
const CORE = 'core';
/** What nobody who reads the body can do without. */
const PARSE = 'parse';

export const candidates: readonly Candidate[] = [
  { name: BARE_HTTP, title: 'bare node:http, checks nothing' },
  { name: EXPRESS_ROUTE, title: 'Express 5, hand-written: express.json() + ajv', typed: true },
  { name: 'express-mount', title: 'Express 5, a bare function that checks nothing' },
  { name: 'fastify-route', title: 'Fastify 5, hand-written: route with schema', typed: true },
  { name: 'node', title: 'qcloudIm: node' },
  { name: 'connect', title: 'qcloudIm: Connect' },
  { name: 'express', title: 'qcloudIm: Express 5' },
  { name: 'express-create-server', title: 'qcloudIm: Express 5, createServer()' },
  { name: 'express4', title: 'qcloudIm: Express 4' },
  { name: 'express4-create-server', title: 'qcloudIm: Express 4, createServer()' },
  { name: 'koa', title: 'qcloudIm: Koa 3' },
  { name: 'fastify', title: 'qcloudIm: Fastify 5' },
  { name: 'hono', title: 'qcloudIm: Hono on its Node server' },
  { name: PARSE, title: 'UTF-8 and JSON.parse alone, bytes in memory', inMemory: true },
  { name: CORE, title: 'qcloudIm: core, bytes in memory', inMemory: true },
];

/** A bound that a candidate has to keep. */
export interface Wanted {
  readonly name: string;
  /** What it is compared with; absent: the bound is in microseconds. */
  readonly peer?: typeof BARE_HTTP | typeof EXPRESS_ROUTE | typeof PARSE;
  readonly atMost: number;
}

export const wanted: readonly Wanted[] = [
  { name: 'express', peer: EXPRESS_ROUTE, atMost: 0.85 },
  { name: 'express-create-server', peer: EXPRESS_ROUTE, atMost: 0.3 },
  { name: 'express-create-server', peer: BARE_HTTP, atMost: 1.5 },
  { name: 'node', peer: EXPRESS_ROUTE, atMost: 0.3 },
  { name: 'node', peer: BARE_HTTP, atMost: 1.25 },
  { name: 'fastify', peer: EXPRESS_ROUTE, atMost: 0.3 },
  { name: 'fastify', peer: BARE_HTTP, atMost: 1.7 },
  { name: 'koa', peer: EXPRESS_ROUTE, atMost: 0.3 },
  { name: 'koa', peer: BARE_HTTP, atMost: 1.7 },
  { name: CORE, atMost: 3.6 },
  // Those 3.6 µs were 2.6 times the parsing on the machine that they come from.
  { name: CORE, peer: PARSE, atMost: 2.6 },
];
