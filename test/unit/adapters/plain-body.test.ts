import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isPlain, readPlain } from '../../../src/adapters/plain-body.js';
import type { CallbackErrorCode } from '../../../src/base/errors.js';

/** A request as platforms without Node's server make them: a stream with headers. */
function requestOf(
  chunks: Iterable<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
  httpVersionMajor = 1,
): IncomingMessage {
  return Object.assign(Readable.from(chunks), { headers, httpVersionMajor }) as unknown as IncomingMessage;
}

function read(req: IncomingMessage, limit = 100) {
  let late: () => void = () => undefined;
  const bytes = readPlain(req, {
    limit,
    onTimeout: (stop) => {
      late = stop;
    },
  });
  return { bytes, late: () => late() };
}

const refused = (code: CallbackErrorCode, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });
const [one, two] = [Buffer.from('one'), Buffer.from('two')];

describe('isPlain', () => {
  it.each([
    [{ 'content-length': '3' }, 1, true],
    [{ 'content-length': '3', 'content-encoding': '' }, 1, true],
    [{ 'content-length': '3', 'content-encoding': 'gzip' }, 1, false],
    [{ 'transfer-encoding': 'chunked' }, 1, false],
    [{}, 1, false],
    [{}, 2, true],
    [{ 'content-encoding': 'gzip' }, 2, false],
  ])('of %o in HTTP/%i: %s', (headers, version, plain) => {
    expect(isPlain(requestOf([], headers, version))).toBe(plain);
  });
});

describe('readPlain', () => {
  it('gives the bytes, those of a single piece as they are', async () => {
    expect(await read(requestOf([one], { 'content-length': '3' })).bytes).toBe(one);
    expect(await read(requestOf([one, two], { 'content-length': '6' })).bytes).toEqual(Buffer.from('onetwo'));
    expect(await read(requestOf([], {}, 2)).bytes).toEqual(Buffer.alloc(0));
  });

  it('refuses what is over the limit as soon as it is', async () => {
    const req = requestOf([one, two, one], {}, 2);
    await expect(read(req, 5).bytes).rejects.toEqual(refused('body_too_large', 'bodyLimit'));
    expect(req.isPaused()).toBe(true);
    expect(req.listenerCount('data')).toBe(0);
  });

  it('refuses what is not as long as it says', async () => {
    await expect(read(requestOf([one], { 'content-length': '4' })).bytes).rejects.toEqual(
      refused('body_unreadable', 'not as long as it says'),
    );
  });

  it.each([
    ['with an error', new Error('reset')],
    ['without one', undefined],
  ])('refuses what is cut short %s', async (_, cause) => {
    const req = requestOf([one, two], { 'content-length': '6' });
    const { bytes } = read(req);
    req.destroy(cause);
    await expect(bytes).rejects.toEqual(refused('body_unreadable', 'cut short'));
    if (cause !== undefined) await expect(bytes).rejects.toMatchObject({ cause });
  });

  it('lets go of what is too slow', async () => {
    const req = Object.assign(new Readable({ read: () => undefined }), { headers: {}, httpVersionMajor: 2 });
    const { bytes, late } = read(req as unknown as IncomingMessage);
    late();
    await expect(bytes).rejects.toEqual(refused('body_unreadable', 'too slow'));
    expect(req.isPaused()).toBe(true);
  });
});
