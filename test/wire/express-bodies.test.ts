/** Bodies on their way through real Express apps, with and without other parsers in front of the receiver. */

import express, { type RequestHandler } from 'express';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../src/index.js';
import {
  checkRefusal,
  express4,
  MESSAGE_COMMAND,
  type MessageApp,
  messageOf,
  startMessageApp,
} from '../support/message-app.js';
import { signedQueryFor } from '../support/requests.js';
import { answerOf, exchange, head, requestBytes } from '../support/sockets.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

let app: MessageApp;
let target: string;

beforeAll(async () => {
  target = `/?${await signedQueryFor(MESSAGE_COMMAND)}`;
});

afterEach(async () => {
  await app.close();
});

async function start(...parts: Parameters<typeof startMessageApp>): Promise<number> {
  app = await startMessageApp(...parts);
  return app.port;
}

describe.each([
  { name: 'Express 5', make: express },
  { name: 'Express 4', make: express4 },
])('$name', ({ make }) => {
  const keep = make.json({
    verify: (req, _res, buffer) => {
      Object.assign(req, { rawBody: buffer });
    },
  });
  const keepText = make.json({
    verify: (req, _res, buffer) => {
      Object.assign(req, { rawBody: buffer.toString() });
    },
  });
  const [json, raw, text, form] = [
    make.json(),
    make.raw({ type: () => true }),
    make.text({ type: () => true }),
    make.urlencoded({ extended: false }),
  ];

  it.each([
    ['nothing', [], JSON_TYPE],
    ['nothing, and no Content-Type', [], {}],
    ['json()', [json], JSON_TYPE],
    ['json(), and no Content-Type', [json], {}],
    ['json() and urlencoded(), and no Content-Type', [json, form], {}],
    ['json() and urlencoded()', [json, form], JSON_TYPE],
    ['json() that keeps the bytes', [keep], JSON_TYPE],
    ['json() that keeps the text', [keepText], JSON_TYPE],
    ['raw()', [raw], JSON_TYPE],
    ['text()', [text], JSON_TYPE],
    ['urlencoded(), and no form', [form], JSON_TYPE],
  ] as const)('a message arrives behind %s', async (_, before, headers) => {
    const port = await start(before, {}, make);
    const body = messageOf(30);
    expect(await exchange(port, requestBytes(target, body, headers))).toMatchObject({ status: 200 });
    expect(app.events.map(textOf)).toEqual(['…'.repeat(10)]);
    expect(Buffer.from(app.events[0]?.rawBody ?? '').toString()).toBe(body);
  });

  it.each([
    ['nothing', []],
    ['json()', [json]],
    ['raw()', [raw]],
  ] as const)('the try of the URL passes behind %s', async (_, before) => {
    const port = await start(before, {}, make);
    const tries = [
      requestBytes(target, '{}', JSON_TYPE),
      requestBytes(target, '{}'),
      requestBytes(target, '', JSON_TYPE),
      requestBytes(target, ''),
      head(target),
      head(target, JSON_TYPE),
    ];
    for (const request of tries) {
      const answer = await exchange(port, request);
      expect(answer.status).toBe(200);
      expect(answerOf(answer)).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
    }
    expect(app.events).toEqual([]);
  });

  it('what a form parser left is refused at once', async () => {
    const port = await start([form], {}, make);
    checkRefusal(app, await exchange(port, requestBytes(target, 'a=1', FORM_TYPE)), 'body_unreadable', 400);
  });

  it('a body that somebody read and threw away is refused at once', async () => {
    const readAll: RequestHandler = (req, _res, next) => {
      req.resume().once('end', () => next());
    };
    const port = await start([readAll], {}, make);
    const answer = await exchange(port, requestBytes(target, messageOf(30), JSON_TYPE));
    checkRefusal(app, answer, 'body_unreadable', 400);
    expect(answerOf(answer)['ErrorInfo']).toContain('mount qcloudIm before it');
  });

  it('a multipart body that somebody read is refused at once', async () => {
    const readAll: RequestHandler = (req, _res, next) => {
      req.body = { a: '1' };
      req.resume().once('end', () => next());
    };
    const port = await start([readAll], {}, make);
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    checkRefusal(app, await exchange(port, requestBytes(target, '--x--', headers)), 'body_unreadable', 400);
  });
});
