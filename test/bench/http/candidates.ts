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
const FASTIFY_ROUTE = 'fastify-route';
const KOA_ROUTE = 'koa-route';
const HONO_ROUTE = 'hono-route';
const CORE = 'core';
/** What nobody who reads the body can do without. */
const PARSE = 'parse';

export const candidates: readonly Candidate[] = [
  { name: BARE_HTTP, title: 'bare node:http, checks nothing' },
  { name: EXPRESS_ROUTE, title: 'Express 5, hand-written: express.json() + ajv', typed: true },
  { name: 'express-mount', title: 'Express 5, a bare function that checks nothing' },
  { name: FASTIFY_ROUTE, title: 'Fastify 5, hand-written: route with schema', typed: true },
  { name: KOA_ROUTE, title: 'Koa 3, a bare function that checks nothing' },
  { name: HONO_ROUTE, title: 'Hono, a bare route that checks nothing' },
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

/** The versions of Node that people run, and those before, on which Express slows down every request. */
const NEW = { from: 24, to: Number.POSITIVE_INFINITY } as const;
const OLD = { from: 20, to: 23 } as const;

/** A bound that a candidate has to keep. */
export interface Wanted {
  readonly name: string;
  /** What it is compared with. */
  readonly peer: string;
  readonly atMost: number;
  /** Major versions of Node. */
  readonly on: { readonly from: number; readonly to: number };
}

export const wanted: readonly Wanted[] = [
  { name: 'express', peer: EXPRESS_ROUTE, atMost: 0.75, on: NEW },
  { name: 'node', peer: BARE_HTTP, atMost: 1.35, on: NEW },
  { name: 'connect', peer: BARE_HTTP, atMost: 1.35, on: NEW },
  { name: 'fastify', peer: FASTIFY_ROUTE, atMost: 1.15, on: NEW },
  { name: 'koa', peer: KOA_ROUTE, atMost: 1.25, on: NEW },
  { name: 'hono', peer: HONO_ROUTE, atMost: 1.25, on: NEW },
  { name: CORE, peer: PARSE, atMost: 1.6, on: NEW },
  { name: 'express', peer: EXPRESS_ROUTE, atMost: 0.85, on: OLD },
  { name: 'express-create-server', peer: BARE_HTTP, atMost: 1.35, on: OLD },
  { name: 'node', peer: BARE_HTTP, atMost: 1.35, on: OLD },
];

/** Of messages of 100 KB and more. */
export const wantedOfLarge: readonly Wanted[] = [
  { name: 'express', peer: EXPRESS_ROUTE, atMost: 1.1, on: NEW },
];
