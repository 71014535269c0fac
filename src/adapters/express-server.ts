/** A server on which Express does not pay for changing the prototype of every request and response. */

import http from 'node:http';
import type { Express } from 'express';

/** From this version on, V8 changes prototypes without making all later code slow. */
const FIXED_IN_NODE = 24;

/** The two prototypes that Express gives to every request and response. */
type Prototypes = Pick<Express, 'request' | 'response'>;

/**
 * Express calls `Object.setPrototypeOf(req, app.request)` for every request. On Node 20 and 22 that gives each
 * request a hidden class of its own, and everything after it runs slowly. Objects that are made with the
 * right prototype from the start lose nothing: the call then changes nothing. What was on `app.request` and
 * `app.response` is inherited, what is added later is seen.
 * Figures: README, "Speed". For plain `http` only; `https` and `http2` make their own objects.
 */
function presetPrototypes(app: Prototypes): http.ServerOptions {
  class Request extends http.IncomingMessage {}
  class Response<Req extends http.IncomingMessage> extends http.ServerResponse<Req> {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  // Express's types know these as the interfaces of its own objects; the prototypes inherit from those now.
  Object.assign(app, { request: Request.prototype, response: Response.prototype });
  return { IncomingMessage: Request, ServerResponse: Response };
}

/**
 * Makes the server of an Express app: `createServer(app).listen(3000)`. On Node 20 and 22 it saves Express's
 * largest cost per request; on later versions it is `http.createServer(app)`.
 * @param app The outermost app; call this once for it. Nested `express()` apps keep their own cost.
 */
export function createServer(app: Express, nodeVersion: string = process.versions.node): http.Server {
  const options = Number.parseInt(nodeVersion, 10) < FIXED_IN_NODE ? presetPrototypes(app) : {};
  return http.createServer(options, app);
}
