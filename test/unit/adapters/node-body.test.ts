/** The one body reader for Node, on real requests that come in over real sockets. */

import { once } from 'node:events';
import { deflateSync, gzipSync } from 'node:zlib';
import bodyParser from 'body-parser';
import { afterEach, describe, expect, it } from 'vitest';
import { type ParsedRequest, readNodeBody } from '../../../src/adapters/node-body.js';
import { type CallbackError, isCallbackError } from '../../../src/base/errors.js';
import type { BodyContent, ReadOptions } from '../../../src/protocol/http.js';
import { chunk, head, listen, RawClient, requestBytes, type TestServer } from '../../support/sockets.js';

const LIMIT = 1000;
const CHUNKED = { 'transfer-encoding': 'chunked' };

type Outcome = BodyContent | CallbackError;

let running: TestServer | undefined;
let client: RawClient | undefined;

afterEach(async () => {
  client?.destroy();
  await running?.close();
});

/**
 * Starts a server that reads one body, after what was done to the request before, and begins to send to it.
 * Gives what came of the body.
 */
async function read(
  parts: readonly (string | Uint8Array)[],
  before: (req: ParsedRequest, start: () => void) => void = (_, start) => start(),
  during: (req: ParsedRequest, client: RawClient) => void = () => undefined,
  onTimeout: ReadOptions['onTimeout'] = () => undefined,
): Promise<{ readonly outcome: Outcome; readonly req: ParsedRequest }> {
  const parser = bodyParser.raw({ type: () => true, limit: LIMIT });
  return new Promise((resolve) => {
    void listen((req: ParsedRequest, res) => {
      const start = async (): Promise<BodyContent> =>
        readNodeBody(req, res, parser, { limit: LIMIT, onTimeout });
      before(req, () => {
        start().then(
          (outcome) => resolve({ outcome, req }),
          (error: unknown) => {
            if (isCallbackError(error)) resolve({ outcome: error, req });
          },
        );
        if (client !== undefined) during(req, client);
      });
    }).then((server) => {
      running = server;
      client = new RawClient(server.port).write(...parts);
    });
  });
}

const text = (outcome: Outcome): unknown =>
  outcome instanceof Uint8Array ? Buffer.from(outcome).toString() : outcome;
const refusal = (code: string, status: number) => expect.objectContaining({ code, status });

describe('a stream that nobody has read', () => {
  it.each([
    ['with its length', [requestBytes('/', '{"a":1}')], '{"a":1}'],
    ['in chunks', [head('/', CHUNKED), chunk('{"a"'), chunk(':1}'), chunk('')], '{"a":1}'],
    ['gzipped', [requestBytes('/', gzipSync('{"a":1}'), { 'content-encoding': 'GZip' })], '{"a":1}'],
    ['deflated', [requestBytes('/', deflateSync('{"a":1}'), { 'content-encoding': 'deflate' })], '{"a":1}'],
    ['as "identity"', [requestBytes('/', '{}', { 'content-encoding': 'identity' })], '{}'],
    ['without an encoding', [requestBytes('/', '{}', { 'content-encoding': '' })], '{}'],
    ['with a strange type', [requestBytes('/', '{}', { 'content-type': ';;;' })], '{}'],
    ['with a strange charset', [requestBytes('/', '{}', { 'content-type': 'a/b; charset=gbk' })], '{}'],
    ['of exactly the limit', [requestBytes('/', 'x'.repeat(LIMIT))], 'x'.repeat(LIMIT)],
    [
      'of exactly the limit, in chunks',
      [head('/', CHUNKED), chunk('x'.repeat(LIMIT)), chunk('')],
      'x'.repeat(LIMIT),
    ],
    ['that is empty', [requestBytes('/', '')], ''],
    ['that is empty, in chunks', [head('/', CHUNKED), chunk('')], ''],
    ['that is not announced', [head('/')], ''],
  ])('is read %s', async (_, parts, expected) => {
    const { outcome } = await read(parts);
    expect(text(outcome)).toBe(expected);
  });

  it('is read whatever another parser has left in req.body', async () => {
    const { outcome } = await read([requestBytes('/', '{"a":1}')], (req, start) => {
      req.body = {};
      start();
    });
    expect(text(outcome)).toBe('{"a":1}');
  });

  it('is what is left in req.body when no body is announced', async () => {
    const { outcome } = await read([head('/')], (req, start) => {
      req.body = '{"a":1}';
      start();
    });
    expect(outcome).toBe('{"a":1}');
  });

  it.each(['br', 'zstd', 'x-gzip', 'gzip, gzip'])('is refused in the encoding %s', async (encoding) => {
    const { outcome } = await read([requestBytes('/', '{}', { 'content-encoding': encoding })]);
    expect(outcome).toEqual(refusal('body_unreadable', 415));
  });

  it('is refused when somebody has asked for text', async () => {
    const { outcome } = await read([requestBytes('/', '{}')], (req, start) => {
      req.setEncoding('utf8');
      start();
    });
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });

  it('is not disturbed by a time that is over when it was read', async () => {
    let late = (): void => undefined;
    const { outcome, req } = await read(
      [head('/', CHUNKED), chunk('{}'), '0\r\n\r\n'],
      undefined,
      undefined,
      (stop) => {
        late = stop;
      },
    );
    late();
    expect(text(outcome)).toBe('{}');
    expect(req.isPaused()).toBe(false);
  });

  it('leaves no listener behind on what body-parser has read', async () => {
    const { req } = await read([head('/', { 'transfer-encoding': 'chunked' }), '2\r\n{}\r\n0\r\n\r\n']);
    expect(req.listeners('data')).toEqual([]);
    expect(req.listeners('close')).toEqual([]);
  });
});

describe('the limit', () => {
  it('refuses a length that is announced before a byte is read', async () => {
    const { outcome, req } = await read([head('/', { 'content-length': String(LIMIT + 1) })]);
    expect(outcome).toEqual(refusal('body_too_large', 413));
    expect(req.readableDidRead).toBe(false);
  });

  it('refuses chunks as soon as they are over it, though the sender goes on', async () => {
    const { outcome, req } = await read([head('/', CHUNKED), chunk('x'.repeat(LIMIT + 1))]);
    expect(outcome).toEqual(refusal('body_too_large', 413));
    expect(req.isPaused()).toBe(true);
  });

  it('counts the bytes that come out of a compressed body', async () => {
    const bomb = gzipSync('x'.repeat(LIMIT * 100));
    expect(bomb.length).toBeLessThan(LIMIT);
    const { outcome } = await read([requestBytes('/', bomb, { 'content-encoding': 'gzip' })]);
    expect(outcome).toEqual(refusal('body_too_large', 413));
  });

  it('counts the bytes that go into a compressed body as well', async () => {
    const parts = [head('/', { ...CHUNKED, 'content-encoding': 'gzip' })];
    // A gzip header that names a file, and then a name that never ends.
    const { outcome } = await read([
      ...parts,
      chunk(Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, ...Buffer.alloc(LIMIT, 0x61)])),
    ]);
    expect(outcome).toEqual(refusal('body_too_large', 413));
  });
});

describe('a stream that does not come to its end', () => {
  const leave = (_: ParsedRequest, sender: RawClient): void => sender.destroy();

  it.each([
    ['a plain body', [head('/', { 'content-length': '100' }), '{"a"']],
    ['chunks', [head('/', CHUNKED), chunk('{"a"')]],
    [
      'a compressed body',
      [
        head('/', { 'content-length': '100', 'content-encoding': 'gzip' }),
        gzipSync('{"a":1}').subarray(0, 12),
      ],
    ],
  ])('is refused when the sender of %s leaves', async (_, parts) => {
    const { outcome } = await read(parts, undefined, leave);
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });

  it('is refused when a compressed body ends too early', async () => {
    const cut = gzipSync('{"a":1}').subarray(0, -10);
    const { outcome } = await read([requestBytes('/', cut, { 'content-encoding': 'gzip' })]);
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });

  it('is refused when a compressed body is none', async () => {
    const { outcome } = await read([requestBytes('/', '{}', { 'content-encoding': 'gzip' })]);
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });

  it('is let go when the time is over', async () => {
    let stop = (): void => undefined;
    const { outcome, req } = await read(
      [head('/', { 'content-length': '100' }), '{"a"'],
      undefined,
      () => stop(),
      (given) => {
        stop = given;
      },
    );
    expect(outcome).toEqual(refusal('body_unreadable', 400));
    expect(req.isPaused()).toBe(true);
  });
});

describe('a stream that somebody has read', () => {
  /** Reads it all, leaves something on the request, and goes on. */
  const consumed =
    (left: { body?: unknown; rawBody?: unknown }) =>
    (req: ParsedRequest, start: () => void): void => {
      void once(req, 'end').then(() => {
        Object.assign(req, left);
        start();
      });
      req.resume();
    };

  it.each([
    ['bytes in rawBody', { rawBody: Buffer.from('{"a":1}'), body: { b: 2 } }, '{"a":1}'],
    ['text in rawBody', { rawBody: '{"a":1}', body: { b: 2 } }, '{"a":1}'],
    ['bytes in body', { body: Buffer.from('{"a":1}') }, '{"a":1}'],
    ['text in body', { body: '{"a":1}' }, '{"a":1}'],
    ['an object in body', { body: { a: 1 } }, { parsed: { a: 1 } }],
    ['a list in body', { body: [1] }, { parsed: [1] }],
    ['an object in body and nothing in rawBody', { rawBody: null, body: { a: 1 } }, { parsed: { a: 1 } }],
  ])('is given as %s', async (_, left, expected) => {
    const { outcome } = await read([requestBytes('/', 'x=1')], consumed(left));
    expect(text(outcome)).toEqual(expected);
  });

  it.each([
    ['nothing', {}],
    ['null', { body: null }],
    ['true', { body: true }],
    ['a number', { body: 1 }],
  ])('is refused at once when %s is left', async (_, left) => {
    const { outcome } = await read([requestBytes('/', 'x=1')], consumed(left));
    expect(outcome).toEqual(refusal('body_unreadable', 400));
    expect(outcome).toHaveProperty('message', expect.stringContaining('another parser consumed the body'));
  });

  it.each([
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded; charset=utf-8',
    'multipart/form-data; boundary=x',
  ])('is refused when a form parser left an object: %s', async (type) => {
    const request = requestBytes('/', '{"a":1}', { 'content-type': type });
    const { outcome } = await read([request], consumed({ body: { '{"a":1}': '' } }));
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });

  it('is refused when it is read only in part', async () => {
    const { outcome } = await read([head('/', { 'content-length': '100' }), '{"a"'], (req, start) => {
      req.once('data', () => {
        req.pause();
        start();
      });
    });
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });

  it('is refused when a parser is there that calls back without a body', async () => {
    const { outcome } = await new Promise<{ outcome: unknown }>((resolve) => {
      void listen((req, res) => {
        const parsed: ParsedRequest = req;
        const reading = readNodeBody(parsed, res, (_req, _res, next) => next(), {
          limit: LIMIT,
          onTimeout: () => undefined,
        });
        Promise.resolve(reading).then(
          (outcome) => resolve({ outcome }),
          (outcome: unknown) => resolve({ outcome }),
        );
      }).then((server) => {
        running = server;
        client = new RawClient(server.port).write(
          head('/', { 'transfer-encoding': 'chunked' }),
          '2\r\n{}\r\n0\r\n\r\n',
        );
      });
    });
    expect(outcome).toEqual(refusal('body_unreadable', 400));
  });
});
