/** A server whose requests and responses have Express's prototypes from the start, so that none has to be changed. */

import http from 'node:http';
import type { Express } from 'express';

/** From this version on, V8 changes prototypes without making all later code slow. */
const FIXED_IN_NODE = 24;

/** The two prototypes that Express gives to every request and response. */
type Prototypes = Pick<Express, 'request' | 'response'>;

/**
 * Puts `fresh` in the place of `former`, which one of Express's apps has used so far. What is on `former` moves,
 * and `former` inherits it from now on: sub-apps that were mounted before inherit from `former`, and have to see
 * what is added to the app later.
 */
function replacePrototype<Prototype extends object>(fresh: object, former: Prototype): Prototype {
  Object.setPrototypeOf(fresh, Object.getPrototypeOf(former));
  // On the usual server `req.constructor` is Node's own class.
  Reflect.deleteProperty(fresh, 'constructor');
  Object.defineProperties(fresh, Object.getOwnPropertyDescriptors(former));
  for (const name of Reflect.ownKeys(former)) Reflect.deleteProperty(former, name);
  Object.setPrototypeOf(former, fresh);
  // It inherits all that `former` inherited, and has all that `former` had.
  return fresh as Prototype;
}

/**
 * Requests for an upgrade or a tunnel never come to Express. They get Node's own prototype back, because a listener
 * that sets `req.ip` or `req.query` on them would fail on Express's getters of these names.
 */
class Server extends http.Server {
  override emit(event: string, ...args: unknown[]): boolean {
    const [request] = args;
    if ((event === 'upgrade' || event === 'connect') && request instanceof http.IncomingMessage) {
      Object.setPrototypeOf(request, http.IncomingMessage.prototype);
    }
    return super.emit(event, ...args);
  }
}

/**
 * Express calls `Object.setPrototypeOf(req, app.request)` for every request. On Node 20 and 22 that gives each
 * request a hidden class of its own, and everything after it runs slowly. Objects that are made with the
 * right prototype from the start lose nothing: the call then changes nothing. What was on `app.request` and
 * `app.response` is still there, what is added later is seen.
 * Figures: README, "Speed".
 */
function presetPrototypes(app: Prototypes): http.ServerOptions {
  class Request extends http.IncomingMessage {}
  class Response<Req extends http.IncomingMessage> extends http.ServerResponse<Req> {}
  app.request = replacePrototype(Request.prototype, app.request);
  app.response = replacePrototype(Response.prototype, app.response);
  return { IncomingMessage: Request, ServerResponse: Response };
}

/**
 * Makes the server of an Express app: `createServer(app).listen(3000)`. On Node 20 and 22 it saves Express's
 * largest cost per request; on later versions it is `http.createServer(app)`.
 *
 * For plain `http` only. An `https` server of the same app works as it would without this call, and gains nothing.
 * @param app The outermost app; call this once for it. Nested `express()` apps keep their own cost. To add to
 * `app.request` or `app.response` later, take them from the app again: they are other objects than before. A
 * `request` listener beside the app sees what is on them from the start.
 */
export function createServer(app: Express): http.Server {
  return serverFor(app, process.versions.node);
}

/** What `createServer` makes on a version of Node; apart from it so that tests can have either server. */
export function serverFor(app: Express, nodeVersion: string): http.Server {
  if (Number.parseInt(nodeVersion, 10) >= FIXED_IN_NODE) return http.createServer(app);
  return new Server(presetPrototypes(app), app);
}
