/** A case that is run on the usual server of an Express app and on the one that createServer makes. */

import type express from 'express';
import type { Express, Request, Response } from 'express';
import type { HttpRequest } from '../../support/http-client.js';

/** What makes apps: Express 5, or 4. */
export type Make = typeof express;

/** What has to be in the answer of both servers, so that a case cannot compare two failures. */
export interface Expected {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The body, as what its JSON stands for. */
  readonly json?: unknown;
}

/** One thing that Express documents of its requests, responses or apps. */
export interface ServerCase {
  readonly title: string;
  readonly mount: (app: Express, make: Make) => unknown;
  /** Default: a GET of `/` without headers of its own. */
  readonly request?: Partial<HttpRequest>;
  readonly expected: Expected;
}

/** A case whose answer is made by one handler. */
export function answers(
  title: string,
  handler: (req: Request, res: Response) => unknown,
  expected: Expected,
  request: Partial<HttpRequest> = {},
  prepare: (app: Express) => unknown = () => undefined,
): ServerCase {
  return {
    title,
    mount(app) {
      prepare(app);
      app.use((req, res) => void handler(req, res));
    },
    request,
    expected,
  };
}

/** A case whose answer is what one look at the request gives; `undefined` arrives as null. */
export function reads(
  title: string,
  of: (req: Request) => unknown,
  value: unknown,
  request?: Partial<HttpRequest>,
  prepare?: (app: Express) => unknown,
): ServerCase {
  return answers(
    title,
    (req, res) => res.json({ value: of(req) ?? null }),
    { json: { value } },
    request,
    prepare,
  );
}
