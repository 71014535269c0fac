/** What Express documents of a request. */

import http from 'node:http';
import { reads, type ServerCase } from './case.js';

const JSON_BODY = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
const FORWARDED = {
  'x-forwarded-for': '192.0.2.1, 192.0.2.2',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'front.example.com:8443',
};

const negotiation: readonly ServerCase[] = [
  reads('req.accepts() gives the best type', (req) => req.accepts('html', 'json'), 'json', {
    headers: { accept: 'text/html;q=.5, application/json' },
  }),
  reads('req.accepts() gives false where none fits', (req) => req.accepts('html'), false, {
    headers: { accept: 'image/png' },
  }),
  reads(
    'req.accepts() without arguments gives the list',
    (req) => req.accepts(),
    ['text/html', 'text/plain'],
    { headers: { accept: 'text/plain;q=.4, text/html' } },
  ),
  reads('req.acceptsCharsets()', (req) => req.acceptsCharsets('utf-8', 'iso-8859-1'), 'iso-8859-1', {
    headers: { 'accept-charset': 'iso-8859-1, utf-8;q=0.2' },
  }),
  reads('req.acceptsEncodings()', (req) => req.acceptsEncodings('gzip', 'br'), 'gzip', {
    headers: { 'accept-encoding': 'gzip, br;q=0.1' },
  }),
  reads('req.acceptsLanguages()', (req) => req.acceptsLanguages('zh-CN', 'en'), 'zh-CN', {
    headers: { 'accept-language': 'zh-CN, en;q=0.8' },
  }),
];

const headers: readonly ServerCase[] = [
  reads(
    'req.get() takes either spelling of Referer',
    (req) => [req.get('Referrer'), req.get('referer')],
    ['https://example.com/', 'https://example.com/'],
    { headers: { referer: 'https://example.com/' } },
  ),
  reads('req.header() of what is missing', (req) => req.header('x-missing'), null),
  reads(
    'req.get() refuses what is no name',
    (req) => {
      try {
        return Reflect.apply(req.get, req, [42]);
      } catch (thrown) {
        return String(thrown);
      }
    },
    'TypeError: name must be a string to req.get',
  ),
  reads(
    'req.is() of a type and of a body that is not there',
    (req) => [req.is('json'), req.is('html')],
    ['json', false],
    JSON_BODY,
  ),
  reads('req.is() of a request without a body', (req) => req.is('json') || 'no body', 'no body'),
  reads(
    'req.range()',
    (req) => req.range(120),
    [
      { start: 0, end: 50 },
      { start: 60, end: 119 },
    ],
    { headers: { range: 'bytes=0-50,60-200' } },
  ),
  reads('req.range() that cannot be met', (req) => req.range(10), -1, { headers: { range: 'bytes=50-60' } }),
  reads('req.xhr', (req) => req.xhr, true, { headers: { 'x-requested-with': 'XMLHttpRequest' } }),
  reads(
    'raw headers, and their distinct values',
    (req) => [
      req.rawHeaders.filter((_, at) => /^x-a/i.test(req.rawHeaders[at - 1] ?? '')),
      req.headersDistinct['x-a'],
    ],
    [['1'], ['1']],
    { headers: { 'X-A': '1' } },
  ),
];

const addresses: readonly ServerCase[] = [
  reads(
    'the address and the host of a proxy that is not trusted',
    (req) => [req.ip, req.ips, req.protocol, req.secure, req.hostname],
    ['127.0.0.1', [], 'http', false, 'a.example.com'],
    { headers: { ...FORWARDED, host: 'a.example.com:80' } },
  ),
  reads(
    'the address and the host behind trusted proxies',
    (req) => [req.ip, req.ips, req.protocol, req.secure, req.hostname],
    ['192.0.2.1', ['192.0.2.1', '192.0.2.2'], 'https', true, 'front.example.com'],
    { headers: FORWARDED },
    (app) => app.enable('trust proxy'),
  ),
  reads(
    'the address behind one trusted proxy',
    (req) => [req.ip, req.ips],
    ['192.0.2.2', ['192.0.2.2']],
    {
      headers: FORWARDED,
    },
    (app) => app.set('trust proxy', 1),
  ),
  reads(
    'the address where a function decides',
    (req) => req.ip,
    '192.0.2.1',
    { headers: FORWARDED },
    (app) => app.set('trust proxy', (address: string) => address !== '192.0.2.1'),
  ),
  reads('req.hostname of an IPv6 address', (req) => req.hostname, '[::1]', {
    headers: { host: '[::1]:3000' },
  }),
  reads('req.subdomains', (req) => req.subdomains, ['b', 'a'], { headers: { host: 'a.b.example.com' } }),
  reads(
    'req.subdomains with another offset',
    (req) => req.subdomains,
    ['example', 'b', 'a'],
    {
      headers: { host: 'a.b.example.com' },
    },
    (app) => app.set('subdomain offset', 1),
  ),
];

const targets: readonly ServerCase[] = [
  reads(
    'req.path, req.url and req.originalUrl',
    (req) => [req.path, req.url, req.originalUrl],
    ['/a/b', '/a/b?c=d', '/a/b?c=d'],
    { path: '/a/b', query: 'c=d' },
  ),
  reads('req.query', (req) => req.query, { a: '1', b: ['x', 'y'] }, { query: 'a=1&b=x&b=y' }),
  reads(
    'req.query of the extended parser',
    (req) => req.query,
    { a: { b: 'c' } },
    { query: 'a[b]=c' },
    (app) => app.set('query parser', 'extended'),
  ),
  reads(
    'req.query of the simple parser',
    (req) => req.query,
    { 'a[b]': 'c' },
    { query: 'a[b]=c' },
    (app) => app.set('query parser', 'simple'),
  ),
  reads(
    'req.query of a parser of one’s own',
    (req) => req.query,
    { length: 3 },
    { query: 'a=b' },
    (app) => app.set('query parser', (text: string) => ({ length: text.length })),
  ),
  reads(
    'req.query of no parser',
    (req) => req.query,
    {},
    { query: 'a=b' },
    (app) => app.set('query parser', false),
  ),
  {
    title: 'req.params, req.route and req.baseUrl of a router in a router',
    mount(app, make) {
      const inner = make.Router({ mergeParams: true });
      inner.get('/c/:last', (req, res) => {
        res.json({
          params: req.params,
          route: req.route.path,
          base: req.baseUrl,
          url: req.url,
          path: req.path,
        });
      });
      app.use('/a/:first', make.Router({ mergeParams: true }).use('/b', inner));
    },
    request: { path: '/a/1/b/c/%E4%BD%A0' },
    expected: {
      json: {
        params: { first: '1', last: '你' },
        route: '/c/:last',
        base: '/a/1/b',
        url: '/c/%E4%BD%A0?',
        path: '/c/%E4%BD%A0',
      },
    },
  },
  {
    title: 'app.param()',
    mount(app) {
      app.param('id', (req, _res, next, id: string) => {
        Object.assign(req, { found: `found ${id}` });
        next();
      });
      app.get('/:id', (req, res) => void res.json({ found: Reflect.get(req, 'found') }));
    },
    request: { path: '/7' },
    expected: { json: { found: 'found 7' } },
  },
];

const state: readonly ServerCase[] = [
  ...['fresh', 'stale'].map(
    (name): ServerCase => ({
      title: `req.${name} goes by what the response says`,
      mount(app) {
        app.use((req, res) => {
          res
            .set('ETag', '"1"')
            .set('X-Value', String(Reflect.get(req, name)))
            .json({});
        });
      },
      request: { headers: { 'if-none-match': '"1"' } },
      expected: { status: 304, headers: { 'x-value': String(name === 'fresh') }, body: '' },
    }),
  ),
  reads(
    'what a middleware sets on a request is that request’s',
    (req) => {
      const before = Reflect.get(req, 'user') ?? 'nobody';
      Object.assign(req, { user: 'somebody' });
      return [before, Reflect.get(req, 'user')];
    },
    ['nobody', 'somebody'],
  ),
  reads(
    'a request is Node’s, and says so',
    (req) => [
      req instanceof http.IncomingMessage,
      req.constructor === http.IncomingMessage,
      Object.prototype.toString.call(req),
    ],
    [true, true, '[object Object]'],
  ),
  reads(
    'req.app, req.res and req.next',
    (req) => [typeof req.app.get, req.res?.req === req, typeof req.next, req.httpVersion, req.aborted],
    ['function', true, 'function', '1.1', false],
  ),
  {
    title: 'a body that is read as a stream',
    mount(app) {
      app.post('/', async (req, res) => {
        const parts: Buffer[] = [];
        for await (const part of req) parts.push(part);
        res.json({ body: Buffer.concat(parts).toString() });
      });
    },
    request: { ...JSON_BODY, body: '你好' },
    expected: { json: { body: '你好' } },
  },
  {
    title: 'express.urlencoded(), express.text() and express.raw()',
    mount(app, make) {
      app.use(make.urlencoded({ extended: true }), make.text(), make.raw());
      app.use((req, res) => void res.json({ body: req.body }));
    },
    request: {
      method: 'POST',
      body: 'a[b]=c',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    expected: { json: { body: { a: { b: 'c' } } } },
  },
  {
    title: 'a body that is over the limit',
    mount: (app, make) => app.use(make.json({ limit: 4 })),
    request: JSON_BODY,
    expected: { status: 413 },
  },
  {
    title: 'a body that is no JSON',
    mount: (app, make) => app.use(make.json()),
    request: { ...JSON_BODY, body: '{"a":' },
    expected: { status: 400 },
  },
];

export const requestCases: readonly ServerCase[] = [
  ...negotiation,
  ...headers,
  ...addresses,
  ...targets,
  ...state,
];
