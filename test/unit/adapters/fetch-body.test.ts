import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { readFetchBody } from '../../../src/adapters/fetch-body.js';
import type { ReadOptions } from '../../../src/protocol/http.js';

const TEXT = '{"Text":"你好 👋"}';
const LIMIT = 64;

type Body = string | Uint8Array | ReadableStream<Uint8Array> | null;

function requestOf(body: Body, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request('https://im.example/', { method: 'POST', body, headers, duplex: 'half' });
}

/** A body that comes in these pieces and then ends, unless it is told otherwise. */
function pieces(
  parts: readonly (string | Uint8Array)[],
  { end = (controller) => controller.close(), cancel }: UnderlyingEnd = {},
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(Buffer.from(part));
      end(controller);
    },
    ...(cancel === undefined ? {} : { cancel }),
  });
}

interface UnderlyingEnd {
  readonly end?: (controller: ReadableStreamDefaultController<Uint8Array>) => void;
  readonly cancel?: () => void | Promise<void>;
}

const hanging = (): void => undefined;

async function read(
  request: Request,
  limit = LIMIT,
  onTimeout: ReadOptions['onTimeout'] = () => undefined,
): Promise<string> {
  return Buffer.from(await readFetchBody(request, { limit, onTimeout })).toString();
}

describe('readFetchBody', () => {
  it.each([
    ['in one piece', [TEXT]],
    ['in pieces that cut a character', [Buffer.from(TEXT).subarray(0, 11), Buffer.from(TEXT).subarray(11)]],
    ['of many bytes', [...Buffer.from(TEXT)].map((byte) => Uint8Array.of(byte))],
  ])('gives a body %s.', async (_how, parts) => {
    expect(await read(requestOf(pieces(parts)))).toBe(TEXT);
  });

  it('gives nothing where there is no body, and where it is empty.', async () => {
    expect(await read(requestOf(null))).toBe('');
    expect(await read(requestOf(pieces([])))).toBe('');
    expect(await read(requestOf(''))).toBe('');
  });

  it.each([
    ['gzip', gzipSync(TEXT)],
    [' GZIP ', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['identity', Buffer.from(TEXT)],
  ])('undoes the encoding %j.', async (encoding, bytes) => {
    expect(await read(requestOf(bytes, { 'content-encoding': encoding }))).toBe(TEXT);
  });

  it.each(['br', 'gzip, gzip', 'x'])('refuses the encoding %j.', async (encoding) => {
    await expect(read(requestOf(TEXT, { 'content-encoding': encoding }))).rejects.toMatchObject({
      code: 'body_unreadable',
      status: 415,
    });
  });

  it('refuses what is compressed where the runtime cannot unpack it, and reads the rest.', async () => {
    vi.stubGlobal('DecompressionStream', undefined);
    try {
      await expect(read(requestOf(gzipSync(TEXT), { 'content-encoding': 'gzip' }))).rejects.toMatchObject({
        code: 'body_unreadable',
        status: 415,
      });
      expect(await read(requestOf(TEXT))).toBe(TEXT);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it.each([
    ['is damaged', Buffer.from(TEXT)],
    ['ends too early', gzipSync(TEXT).subarray(0, -9)],
  ])('refuses a gzip body that %s.', async (_what, bytes) => {
    await expect(read(requestOf(bytes, { 'content-encoding': 'gzip' }))).rejects.toMatchObject({
      code: 'body_unreadable',
      status: 400,
    });
  });

  it('refuses a body that was consumed before, instead of waiting for it.', async () => {
    const request = requestOf(TEXT);
    await request.text();
    await expect(read(request)).rejects.toMatchObject({ code: 'body_unreadable', status: 400 });
  });

  it('refuses a body that breaks off, with the cause.', async () => {
    const cause = new Error('the connection is gone');
    const request = requestOf(pieces(['{'], { end: (controller) => controller.error(cause) }));
    await expect(read(request)).rejects.toMatchObject({ code: 'body_unreadable', cause });
  });

  it('takes a body of just the limit, and refuses one byte more.', async () => {
    expect(await read(requestOf('x'.repeat(LIMIT)))).toHaveLength(LIMIT);
    await expect(read(requestOf('x'.repeat(LIMIT + 1)))).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('refuses a declared length over the limit without touching the body.', async () => {
    const request = requestOf(pieces([]), { 'content-length': String(LIMIT + 1) });
    await expect(read(request)).rejects.toMatchObject({ code: 'body_too_large' });
    expect(request.bodyUsed).toBe(false);
  });

  it('stops as soon as what came is over the limit, packed or not.', async () => {
    const cancel = vi.fn<() => void>();
    const plain = requestOf(pieces(['x'.repeat(LIMIT), 'x'], { end: hanging, cancel }));
    await expect(read(plain)).rejects.toMatchObject({ code: 'body_too_large' });
    expect(cancel).toHaveBeenCalledOnce();
    const packed = requestOf(gzipSync('x'.repeat(LIMIT + 1)), { 'content-encoding': 'gzip' });
    await expect(read(packed)).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('lets go of the body when the time is over, and does not take its part for the whole.', async () => {
    const cancel = vi.fn<() => void>();
    let over = (): void => undefined;
    const reading = read(requestOf(pieces(['{}'], { end: hanging, cancel })), LIMIT, (stop) => {
      over = stop;
    });
    over();
    await expect(reading).rejects.toMatchObject({ code: 'body_unreadable' });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('does not mind a body that cannot be cancelled.', async () => {
    const cancel = (): Promise<void> => Promise.reject(new Error('no'));
    let over = (): void => undefined;
    const reading = read(requestOf(pieces(['{}'], { end: hanging, cancel })), LIMIT, (stop) => {
      over = stop;
    });
    over();
    await expect(reading).rejects.toMatchObject({ code: 'body_unreadable' });
  });
});
