/** An Express app that shows what Express's requests and responses can, for comparing servers. */

import http from 'node:http';
import express, { type Express, type Request, type Response } from 'express';

/** Additions to prototypes are unknown to the types. */
function added(target: object, name: string): string {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? String(value.call(target)) : String(value);
}

/** What routes say of their objects. */
function say(req: Request, res: Response): void {
  res.json({
    req: ['early', 'late', 'own', 'changed'].map((name) => added(req, name)),
    res: ['early', 'late', 'own'].map((name) => added(res, name)),
    app: req.app === res.app,
    pair: req.res === res && res.req === req,
    node: req instanceof http.IncomingMessage && res instanceof http.ServerResponse,
    made: [req.constructor.name, res.constructor.name],
    is: [req.constructor === http.IncomingMessage, res.constructor === http.ServerResponse],
  });
}

/** A sub-app that adds something of its own. */
function subApp(make: typeof express): Express {
  const sub = make();
  Object.assign(sub.request, { own: 'of the sub-app' });
  Object.assign(sub.response, { own: () => 'a method of the sub-app' });
  return sub.use(say);
}

/** Everything that is mounted before the server is made. */
export function probeApp(make: typeof express): Express {
  const app = make();
  app.set('trust proxy', 'loopback');
  Object.assign(app.request, { early: 'set early', changed: 'not yet' });
  Object.assign(app.response, { early: () => 'a method that was set early' });
  app.use('/sub', subApp(make));
  app.use('/deep', make().use('/sub', subApp(make)));
  app.get('/request', (req, res) => {
    res.json({
      ip: req.ip,
      ips: req.ips,
      hostname: req.hostname,
      protocol: req.protocol,
      secure: req.secure,
      xhr: req.xhr,
      path: req.path,
      query: req.query,
      accepts: req.accepts('json', 'html'),
      get: req.get('Referrer'),
      subdomains: req.subdomains,
      fresh: req.fresh,
    });
  });
  app.get('/response', (_req, res) => {
    res.status(201).cookie('a', 'b').links({ next: '/x' }).vary('Origin').type('html').send('<p>你好</p>');
  });
  app.get('/redirect', (_req, res) => res.redirect(303, '/elsewhere'));
  app.get('/format', (_req, res) => {
    res.format({ text: () => res.send('text'), json: () => res.send({ format: 'json' }) });
  });
  app.get('/error', () => {
    throw Object.assign(new Error('teapot'), { status: 418 });
  });
  app.post('/body', express.json(), (req, res) => {
    res.json(req.body);
  });
  return app;
}

/** What is done to the app when the server is there. */
export function addLate(app: Express, make: typeof express): void {
  Object.assign(app.request, { late: 'set late', changed: 'since' });
  Object.assign(app.response, { late: () => 'a method that was set late' });
  app.use('/sub-late', subApp(make));
  app.use('/here', say);
}
