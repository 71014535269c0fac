/** Reads the body of a Fetch request within the limit; no Node built-in is used. */

import { CallbackError, STATUS_ENCODING_UNKNOWN } from '../base/errors.js';
import type { ReadOptions } from '../protocol/http.js';

function unreadable(message: string, cause?: unknown): CallbackError {
  return new CallbackError('body_unreadable', { message, cause });
}

function unknownEncoding(message: string): CallbackError {
  return new CallbackError('body_unreadable', { message, status: STATUS_ENCODING_UNKNOWN });
}

function decoded(stream: ReadableStream<Uint8Array>, encoding: string): ReadableStream<Uint8Array> {
  if (encoding === '' || encoding === 'identity') return stream;
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw unknownEncoding('only identity, gzip and deflate are read');
  }
  // Vercel's edge runtime has none.
  if (typeof DecompressionStream === 'undefined') {
    throw unknownEncoding('this runtime cannot unpack bodies: only identity is read');
  }
  // The types of Node and of the platform disagree on the chunks; both are bytes.
  return stream.pipeThrough(new DecompressionStream(encoding) as TransformStream<Uint8Array, Uint8Array>);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/**
 * Gives the bytes of a request's body.
 * @throws CallbackError `body_too_large` or `body_unreadable`.
 */
export async function readFetchBody(
  request: Request,
  { limit, onTimeout }: ReadOptions,
): Promise<Uint8Array> {
  if (request.bodyUsed) throw unreadable('the body was consumed before');
  if (Number(request.headers.get('content-length')) > limit) throw new CallbackError('body_too_large');
  if (request.body === null) return new Uint8Array(0);
  const encoding = (request.headers.get('content-encoding') ?? '').trim().toLowerCase();
  const reader = decoded(request.body, encoding).getReader();
  let isLate = false;
  const stop = (): void => {
    reader.cancel().catch(() => undefined);
  };
  onTimeout(() => {
    isLate = true;
    stop();
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.byteLength;
      if (length > limit) {
        stop();
        throw new CallbackError('body_too_large');
      }
      chunks.push(part.value);
    }
    // Then this is not the end of the body: the reader was stopped.
    if (isLate) throw unreadable('the body was too slow');
  } catch (thrown) {
    throw thrown instanceof CallbackError
      ? thrown
      : unreadable('the body was cut short or is damaged', thrown);
  }
  return joined(chunks, length);
}
