/** What Express documents of a response. */

import { join } from 'node:path';
import { answers, type ServerCase } from './case.js';

const FILE = join(import.meta.dirname, '../../fixtures/required.json');
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

const fields: readonly ServerCase[] = [
  answers(
    'res.append() and res.get()',
    (_req, res) => {
      res.append('X-A', '1').append('X-A', ['2', '3']);
      res.json({ got: res.get('x-a') });
    },
    { headers: { 'x-a': '1, 2, 3' }, json: { got: ['1', '2', '3'] } },
  ),
  answers(
    'res.set() of an object, and of a type without a charset',
    (_req, res) => {
      res.set({ 'X-A': '1', 'X-B': '2' }).set('Content-Type', 'text/html').end();
    },
    { headers: { 'x-a': '1', 'x-b': '2', ...HTML } },
  ),
  answers(
    'res.set() refuses two types',
    (_req, res) => {
      res.set(Object.fromEntries([['Content-Type', ['text/html', 'text/plain']]]));
    },
    { status: 500 },
  ),
  answers(
    'res.type() of an extension and of a type',
    (_req, res) => {
      res.type('json').type('.html').send('a');
    },
    { headers: HTML, body: 'a' },
  ),
  answers('res.vary()', (_req, res) => res.vary('Accept').vary('Origin').vary('accept').end(), {
    headers: { vary: 'Accept, Origin' },
  }),
  answers(
    'res.links()',
    (_req, res) => {
      res.links({ next: '/2', last: '/5' }).links({ prev: '/1' }).end();
    },
    { headers: { link: '</2>; rel="next", </5>; rel="last", </1>; rel="prev"' } },
  ),
  answers('res.location() escapes', (_req, res) => res.location('https://example.com/你?a=b c').end(), {
    headers: { location: 'https://example.com/%E4%BD%A0?a=b%20c' },
  }),
  answers('res.attachment() of a name', (_req, res) => res.attachment('/a/报告.json').send('{}'), {
    headers: { 'content-type': 'application/json; charset=utf-8' },
  }),
  answers(
    'res.cookie() of a text with options, and of an object',
    (_req, res) => {
      res.cookie('a', '你', { httpOnly: true, sameSite: 'lax', path: '/x' }).cookie('b', { c: 1 }).end();
    },
    {
      headers: {
        'set-cookie': 'a=%E4%BD%A0; Path=/x; HttpOnly; SameSite=Lax, b=j%3A%7B%22c%22%3A1%7D; Path=/',
      },
    },
  ),
  answers(
    'res.cookie() signs with the secret of the request',
    (req, res) => {
      Object.assign(req, { secret: 'not a secret' });
      res
        .cookie('a', 'b', { signed: true })
        .json({ signed: /^a=s%3Ab\./.test(String(res.get('Set-Cookie'))) });
    },
    { json: { signed: true } },
  ),
  answers(
    'res.cookie() refuses to sign without a secret',
    (_req, res) => res.cookie('a', 'b', { signed: true }),
    {
      status: 500,
    },
  ),
  answers('res.clearCookie()', (_req, res) => res.clearCookie('a', { path: '/x' }).end(), {
    headers: { 'set-cookie': 'a=; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT' },
  }),
  answers(
    'names of headers, as Node keeps them',
    (_req, res) => {
      res.setHeader('X-Mixed', '1');
      res.removeHeader('X-Powered-By');
      res.json({ names: res.getHeaderNames(), has: res.hasHeader('x-mixed'), headers: res.getHeaders() });
    },
    { json: { names: ['x-mixed'], has: true, headers: { 'x-mixed': '1' } } },
  ),
];

const bodies: readonly ServerCase[] = [
  answers('res.send() of a text, with an ETag', (_req, res) => res.send('你好'), {
    headers: HTML,
    body: '你好',
  }),
  answers('res.send() of bytes', (_req, res) => res.send(Buffer.from('ab')), {
    headers: { 'content-type': 'application/octet-stream', 'content-length': '2' },
  }),
  answers('res.send() of an object, an array and nothing', (_req, res) => res.send([{ a: 1 }, null]), {
    json: [{ a: 1 }, null],
  }),
  answers('res.send() of null', (_req, res) => res.send(null), {
    headers: { 'content-length': '0' },
    body: '',
  }),
  answers(
    'res.send() with a strong ETag',
    (_req, res) => res.send('a'),
    {
      headers: { etag: '"1-hvfkN/qlp/zhXR3cuerq6jd2Z7g"' },
    },
    {},
    (app) => app.set('etag', 'strong'),
  ),
  answers(
    'res.send() without an ETag',
    (_req, res) => res.json({ etag: res.get('ETag') ?? 'none' }),
    {
      json: { etag: 'none' },
    },
    {},
    (app) => app.disable('etag'),
  ),
  answers('res.send() takes off the body of a 204', (_req, res) => res.status(204).send('a'), {
    status: 204,
    body: '',
  }),
  answers('res.send() takes off the body of a 205', (_req, res) => res.status(205).send('a'), {
    status: 205,
    headers: { 'content-length': '0' },
    body: '',
  }),
  answers(
    'res.send() answers HEAD without a body',
    (_req, res) => res.send('abc'),
    {
      headers: { 'content-length': '3' },
      body: '',
    },
    { method: 'HEAD' },
  ),
  answers(
    'res.json() with a replacer, spaces and escapes',
    (_req, res) => res.json({ a: '<b>', c: 1 }),
    {
      body: '{\n  "a": "\\u003cb\\u003e"\n}',
    },
    {},
    (app) => {
      app.set('json replacer', (key: string, value: unknown) => (key === 'c' ? undefined : value));
      app.set('json spaces', 2);
      app.enable('json escape');
    },
  ),
  answers(
    'res.jsonp()',
    (_req, res) => res.jsonp({ a: 1 }),
    {
      headers: { 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: '/**/ typeof call === \'function\' && call({"a":1});',
    },
    { query: 'callback=call' },
  ),
  answers('res.sendStatus()', (_req, res) => res.sendStatus(418), {
    status: 418,
    headers: PLAIN,
    body: "I'm a Teapot",
  }),
  answers(
    'res.status() keeps a message',
    (_req, res) => {
      res.statusMessage = 'Fine';
      res.status(202).json({ status: res.statusCode, message: res.statusMessage });
    },
    { status: 202, json: { status: 202, message: 'Fine' } },
  ),
  answers(
    'res.format() of what is asked for',
    (_req, res) => {
      res.format({ 'text/plain': () => res.send('text'), json: () => res.send({ a: 1 }) });
    },
    { headers: { vary: 'Accept' }, json: { a: 1 } },
    { headers: { accept: 'application/json' } },
  ),
  answers(
    'res.format() of nothing that fits',
    (_req, res) => res.format({ json: () => res.send({}) }),
    {
      status: 406,
    },
    { headers: { accept: 'image/png' } },
  ),
  answers(
    'res.redirect() in HTML',
    (_req, res) => res.redirect('/你'),
    {
      status: 302,
      headers: { location: '/%E4%BD%A0', vary: 'Accept', ...HTML },
    },
    { headers: { accept: 'text/html' } },
  ),
  answers(
    'res.redirect() in text',
    (_req, res) => res.redirect(301, '/b'),
    {
      status: 301,
      headers: { location: '/b', ...PLAIN },
      body: 'Moved Permanently. Redirecting to /b',
    },
    { headers: { accept: 'text/plain' } },
  ),
  answers(
    'res.render() with locals of the app, the response and the call',
    (_req, res) => {
      res.locals['b'] = 2;
      res.render('required', { c: 3 });
    },
    { headers: HTML, body: '1 2 3' },
    {},
    (app) => {
      app.locals['a'] = 1;
      app.set('views', join(FILE, '..')).set('view engine', 'json');
      app.engine('json', (_path, locals, done) => {
        done(null, ['a', 'b', 'c'].map((name) => Reflect.get(locals, name)).join(' '));
      });
    },
  ),
];

export const responseCases: readonly ServerCase[] = [...fields, ...bodies];
