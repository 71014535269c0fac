/** What a real Express app reads of a body: sizes, encodings, and senders that do not keep their word. */

import { deflateSync, gzipSync } from 'node:zlib';
import express from 'express';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isCallbackError, refuse, textOf } from '../../src/index.js';
import {
  checkRefusal,
  DEADLINE_MS,
  MESSAGE_COMMAND,
  type MessageApp,
  messageOf,
  startMessageApp,
} from '../support/message-app.js';
import { signedQueryFor } from '../support/requests.js';
import { answerOf, chunk, exchange, head, RawClient, requestBytes } from '../support/sockets.js';

const JSON_TYPE = { 'content-type': 'application/json' };

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

describe('sizes and encodings', () => {
  it.each([3_000, 100_000])(
    'a message of %i bytes arrives, plain, in chunks and compressed',
    async (length) => {
      const port = await start();
      const body = messageOf(length);
      const chunked = { 'transfer-encoding': 'chunked' };
      const requests = [
        requestBytes(target, body),
        requestBytes(target, gzipSync(body), { 'content-encoding': 'gzip' }),
        requestBytes(target, deflateSync(body), { 'content-encoding': 'deflate' }),
        // Not at a boundary of the three bytes of a character.
        Buffer.concat([
          Buffer.from(head(target, chunked)),
          chunk(Buffer.from(body).subarray(0, 1000)),
          chunk(Buffer.from(body).subarray(1000)),
          chunk(''),
        ]),
      ];
      for (const request of requests) expect(await exchange(port, request)).toMatchObject({ status: 200 });
      expect(new Set(app.events.map(textOf))).toEqual(new Set(['…'.repeat(Math.ceil(length / 3))]));
      expect(app.events).toHaveLength(4);
    },
  );

  it('Chinese, emoji and \\u escapes arrive as they are meant, and go back', async () => {
    const port = await start([], { defaultHandler: (event) => refuse(120_001, textOf(event)) });
    const wanted = '你好 👋🏽 \u2028 "\\" é';
    const escaped = JSON.stringify(wanted).replace(
      /[^\0-~]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    for (const written of [JSON.stringify(wanted), escaped]) {
      const body = messageOf(1, 'TEXT').replace('"TEXT"', written);
      const answer = await exchange(port, requestBytes(target, body));
      expect(answerOf(answer)['ErrorInfo']).toBe(wanted);
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
    }
  });

  it.each(['utf-8', 'UTF-8', 'gbk', 'x'])(
    'a charset of %s changes nothing: bodies are UTF-8',
    async (charset) => {
      const port = await start();
      const headers = { 'content-type': `application/json; charset=${charset}` };
      expect(await exchange(port, requestBytes(target, messageOf(3), headers))).toMatchObject({
        status: 200,
      });
      expect(app.events.map(textOf)).toEqual(['…']);
    },
  );

  it.each([
    ['an encoding that is not read', requestOf('{}', { 'content-encoding': 'br' }), 'body_unreadable', 415],
    ['bytes that are no UTF-8', requestOf(Buffer.from([0x7b, 0xff, 0x7d])), 'body_unreadable', 400],
    ['a surrogate in bytes', requestOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 'body_unreadable', 400],
    [
      'a compressed body that is cut',
      requestOf(gzipSync('{"a":1}').subarray(0, 15), { 'content-encoding': 'gzip' }),
      'body_unreadable',
      400,
    ],
    ['text', requestOf('hello'), 'body_not_json', 400],
    ['a list', requestOf('[]'), 'body_not_json', 400],
  ] as const)('%s: refused', async (_, request, code, status) => {
    const port = await start();
    checkRefusal(app, await exchange(port, request()), code, status);
  });

  it('a body over the limit is refused: announced, in chunks, and compressed', async () => {
    const limit = 1000;
    const big = 'x'.repeat(limit + 1);
    const requests = [
      [head(target, { 'content-length': String(limit + 1) })],
      [head(target, { 'transfer-encoding': 'chunked' }), chunk(big)],
      [requestBytes(target, gzipSync('x'.repeat(limit * 500)), { 'content-encoding': 'gzip' })],
    ];
    for (const request of requests) {
      const port = await start([], { bodyLimit: limit });
      const answer = await exchange(port, ...request);
      checkRefusal(app, answer, 'body_too_large', 413);
      expect(answer.headers['connection']).toBe('close');
      await app.close();
    }
  });

  it('a body of exactly the limit passes, and rawBody has the same limit', async () => {
    const body = messageOf(1000);
    const bodyLimit = Buffer.byteLength(body);
    const keep = express.json({
      verify: (req, _res, buffer) => {
        Object.assign(req, { rawBody: buffer });
      },
    });
    const port = await start([keep], { bodyLimit });
    expect(await exchange(port, requestBytes(target, body))).toMatchObject({ status: 200 });
    expect(await exchange(port, requestBytes(target, body, JSON_TYPE))).toMatchObject({ status: 200 });
    app.events.length = 0;
    checkRefusal(
      app,
      await exchange(port, requestBytes(target, `${body} `, JSON_TYPE)),
      'body_too_large',
      413,
    );
  });
});

function requestOf(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  return () => requestBytes(target, body, headers);
}

describe('senders that do not keep their word', () => {
  const lengthOf100 = { 'content-length': '100' };
  const parts = (gzip: boolean) => (gzip ? gzipSync('{"a":1}').subarray(0, 12) : '{"a"');

  it.each([false, true])('one that is slow gets 408 at the deadline (gzip: %s)', async (gzip) => {
    const port = await start();
    const client = new RawClient(port);
    const started = performance.now();
    client.write(
      head(target, { ...lengthOf100, ...(gzip ? { 'content-encoding': 'gzip' } : {}) }),
      parts(gzip),
    );
    const answer = await client.answer();
    expect(performance.now() - started).toBeGreaterThan(DEADLINE_MS - 5);
    checkRefusal(app, answer, 'body_unreadable', 408);
    expect(answer.headers['connection']).toBe('close');
    await client.closed;
  });

  it('one that never ends gets 408 at the deadline', async () => {
    const port = await start();
    const client = new RawClient(port).write(head(target, { 'transfer-encoding': 'chunked' }));
    const drip = setInterval(() => client.write(chunk(' ')), 10);
    const answer = await client.answer();
    clearInterval(drip);
    checkRefusal(app, answer, 'body_unreadable', 408);
    await client.closed;
  });

  it.each([false, true])('one that leaves is reported at once (gzip: %s)', async (gzip) => {
    const port = await start([], { deadlineMs: 2_000 });
    const client = new RawClient(port);
    client.write(
      head(target, { ...lengthOf100, ...(gzip ? { 'content-encoding': 'gzip' } : {}) }),
      parts(gzip),
    );
    await vi.waitFor(() => expect(app.sockets[0]?.bytesRead).toBeGreaterThan(100));
    client.destroy();
    await vi.waitFor(() => expect(app.refusals.map(({ error }) => error.code)).toEqual(['body_unreadable']));
    expect(app.refusals.every(({ error }) => isCallbackError(error) && error.status === 400)).toBe(true);
  });

  it('one that sends more than its length is cut off, and the next one is served', async () => {
    const port = await start();
    const client = new RawClient(port).write(requestBytes(target, messageOf(3)), 'and more\r\n\r\n');
    // What comes behind is no request: Node itself says so, before we can.
    expect(await client.answer()).toMatchObject({ status: 400 });
    await client.closed;
    expect(await exchange(port, requestBytes(target, messageOf(3)))).toMatchObject({ status: 200 });
  });
});
