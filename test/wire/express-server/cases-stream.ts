/** What Express and Node document of a response as a stream, and of files. */

import http from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { answers, type ServerCase } from './case.js';

const FILE = join(import.meta.dirname, '../../fixtures/required.json');
const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

export const streamCases: readonly ServerCase[] = [
  answers('res.sendFile()', (_req, res) => res.sendFile(FILE, { maxAge: 1000, headers: { 'X-A': '1' } }), {
    headers: { 'x-a': '1', 'cache-control': 'public, max-age=1', 'accept-ranges': 'bytes' },
  }),
  answers(
    'res.sendFile() of a range',
    (_req, res) => res.sendFile(FILE),
    { status: 206, body: '{' },
    {
      headers: { range: 'bytes=0-0' },
    },
  ),
  answers('res.sendFile() of what is not there', (_req, res) => res.sendFile(`${FILE}.none`), {
    status: 404,
  }),
  answers('res.download()', (_req, res) => res.download(FILE, 'a b.json'), {
    headers: { 'content-disposition': 'attachment; filename="a b.json"' },
  }),
  {
    title: 'express.static()',
    mount: (app, make) => app.use(make.static(join(FILE, '..'))),
    request: { path: '/required.json', headers: { range: 'bytes=0-0' } },
    expected: { status: 206, body: '{' },
  },
  answers(
    'writes and pipes',
    (_req, res) => {
      res.type('text');
      res.write('a');
      Readable.from(['b', 'c']).pipe(res);
    },
    { headers: { 'transfer-encoding': 'chunked', ...PLAIN }, body: 'abc' },
  ),
  answers(
    'trailers',
    (_req, res) => {
      res.set('Trailer', 'X-End').write('a');
      res.addTrailers({ 'X-End': '1' });
      res.end();
    },
    { headers: { trailer: 'X-End' }, body: 'a' },
  ),
  answers(
    'what a response says of itself',
    (_req, res) => {
      const before = [res.headersSent, res.writableEnded, res.finished];
      res.set('X-Mark', String(res.writableHighWaterMark)).write('');
      const { headersSent, sendDate, shouldKeepAlive } = res;
      res.end(JSON.stringify({ before, headersSent, sendDate, shouldKeepAlive }));
    },
    { json: { before: [false, false, false], headersSent: true, sendDate: true, shouldKeepAlive: true } },
  ),
  answers(
    'a response is Node’s, and says so',
    (_req, res) => {
      const node = res instanceof http.ServerResponse && res instanceof http.OutgoingMessage;
      res.json({ node, made: res.constructor === http.ServerResponse, app: typeof res.app.get });
    },
    { json: { node: true, made: true, app: 'function' } },
  ),
];
