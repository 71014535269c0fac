/** What Express documents of apps: what is inherited, who comes next, how errors are answered. */

import type { NextFunction, Request, Response } from 'express';
import type { Make, ServerCase } from './case.js';

/** A handler that answers with these properties, which tests add to prototypes. */
function tell(...names: readonly string[]) {
  return (req: Request, res: Response): void => {
    res.json(names.map((name) => Reflect.get(req, name) ?? Reflect.get(res, name) ?? null));
  };
}

function onError(error: unknown, _req: Request, res: Response, _next: NextFunction): void {
  res.status(500).json({ caught: String(error) });
}

/** A sub-app with additions of its own that lets the request go on. */
function passing(make: Make) {
  const sub = make();
  Object.assign(sub.request, { own: 'of the sub-app' });
  Object.assign(sub.response, { other: 'of the sub-app' });
  return sub.use((req, res, next) => {
    res.set('X-Inside', `${Reflect.get(req, 'own')}, ${Reflect.get(res, 'other')}`);
    next();
  });
}

const inheritance: readonly ServerCase[] = [
  {
    title: 'the parent’s prototypes are back after a sub-app',
    mount(app, make) {
      app.use(passing(make));
      app.use((req, _res, next) => {
        Object.assign(req, { sameApp: req.app === app });
        next();
      });
      app.use(tell('own', 'other', 'sameApp'));
    },
    expected: { headers: { 'x-inside': 'of the sub-app, of the sub-app' }, json: [null, null, true] },
  },
  {
    title: 'settings of the parent in a sub-app, and where it is mounted',
    mount(app, make) {
      const sub = make();
      app.enable('trust proxy').set('title', 'of the parent').use('/a', sub);
      sub.use((req, res) => {
        res.json({
          ip: req.ip,
          title: sub.get('title'),
          base: req.baseUrl,
          at: sub.mountpath,
          path: sub.path(),
        });
      });
    },
    request: { path: '/a/b', headers: { 'x-forwarded-for': '192.0.2.1' } },
    expected: { json: { ip: '192.0.2.1', title: 'of the parent', base: '/a', at: '/a', path: '/a' } },
  },
  {
    title: 'a getter and a method that replace what Express has',
    mount(app) {
      Object.defineProperty(app.request, 'ip', { configurable: true, get: () => 'somewhere' });
      const { json } = app.response;
      app.response.json = function wrapped(body) {
        return json.call(this, { wrapped: body });
      };
      app.use((req, res) => void res.json(req.ip));
    },
    expected: { json: { wrapped: 'somewhere' } },
  },
  {
    title: 'additions under symbols, and ones that nobody enumerates',
    mount(app) {
      const hidden = Symbol('hidden');
      Object.defineProperty(app.request, hidden, { value: 'by symbol' });
      Object.defineProperty(app.request, 'quiet', { value: 'not enumerable' });
      app.use((req, res) => {
        const names: string[] = [];
        for (const name in req) if (name === 'quiet') names.push(name);
        res.json([Reflect.get(req, hidden), Reflect.get(req, 'quiet'), names]);
      });
    },
    expected: { json: ['by symbol', 'not enumerable', []] },
  },
  {
    title: 'what is enumerable on requests and responses, and in which order',
    mount(app) {
      Object.assign(app.request, { added: true });
      app.use((req, res) => {
        const names: string[][] = [[], []];
        for (const name in req) names[0]?.push(name);
        for (const name in res) names[1]?.push(name);
        res.json({ names, own: [Object.keys(req), Object.keys(res)] });
      });
    },
    expected: {},
  },
  {
    title: 'a prototype that is put in the place of the app’s',
    mount(app) {
      app.request = Object.assign(Object.create(app.request), { replaced: 'yes' });
      app.use(tell('replaced', 'method'));
    },
    expected: { json: ['yes', 'GET'] },
  },
];

const flow: readonly ServerCase[] = [
  {
    title: 'an error for the app’s own handler',
    mount(app) {
      app.use(() => {
        throw new Error('thrown');
      }, onError);
    },
    expected: { status: 500, json: { caught: 'Error: thrown' } },
  },
  {
    title: 'an error of a sub-app for the parent’s handler',
    mount(app, make) {
      const sub = make();
      sub.use((_req, _res, next) => next('passed on'));
      app.use(sub, onError);
    },
    expected: { status: 500, json: { caught: 'passed on' } },
  },
  {
    title: 'an error with a status and headers of its own',
    mount(app) {
      app.use((_req, _res, next) =>
        next(Object.assign(new Error('slow down'), { status: 429, headers: { 'Retry-After': '1' } })),
      );
    },
    expected: { status: 429, headers: { 'retry-after': '1' } },
  },
  {
    title: 'next("route") and all methods',
    mount(app) {
      app.get('/', (_req, _res, next) => next('route'), tell('never'));
      app.all('/', tell('method'));
    },
    expected: { json: ['GET'] },
  },
  {
    title: 'HEAD by the route of GET',
    mount: (app) => app.get('/', (req, res) => void res.set('X-Method', req.method).json([1])),
    request: { method: 'HEAD' },
    expected: { headers: { 'x-method': 'HEAD', 'content-length': '3' }, body: '' },
  },
  {
    title: 'OPTIONS by the routes',
    mount: (app) => app.route('/').get(tell()).post(tell()),
    request: { method: 'OPTIONS' },
    expected: { status: 200 },
  },
  {
    title: 'an app that says not what made it',
    mount: (app) => app.disable('x-powered-by').use((_req, res) => void res.json(res.getHeaderNames())),
    expected: {},
  },
];

export const appCases: readonly ServerCase[] = [...inheritance, ...flow];
