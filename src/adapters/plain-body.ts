/** Reads a plain body, neither compressed nor chunked, with few listeners: it comes with nearly every callback. */

import type { IncomingMessage } from 'node:http';
import { CallbackError } from '../base/errors.js';
import type { ReadOptions } from '../protocol/http.js';

/**
 * Whether the body comes as it is, and its end is known: by its length, or because HTTP/2 frames it. body-parser
 * reads the others, and no HTTP/2 body without a length: it looks for HTTP/1's headers.
 */
export function isPlain({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const encoding = headers['content-encoding'];
  const isFramed = headers['content-length'] !== undefined || httpVersionMajor > 1;
  return isFramed && headers['transfer-encoding'] === undefined && (encoding ?? '') === '';
}

/** @throws CallbackError `body_too_large` or `body_unreadable`. */
export function readPlain(req: IncomingMessage, { limit, onTimeout }: ReadOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const { 'content-length': announced } = req.headers;
    const chunks: Buffer[] = [];
    let received = 0;
    let isSettled = false;
    const refuse = (code: 'body_too_large' | 'body_unreadable', message?: string, cause?: unknown): void => {
      // Every body that was read comes here by its `close`: an error that nobody sees would cost as much as the reading.
      if (isSettled) return;
      isSettled = true;
      // Nothing that still comes is kept; the connection is closed after the answer.
      req.off('data', take);
      req.pause();
      reject(new CallbackError(code, { ...(message === undefined ? {} : { message }), cause }));
    };
    const take = (chunk: Buffer): void => {
      received += chunk.byteLength;
      if (received > limit) refuse('body_too_large');
      else chunks.push(chunk);
    };
    const cutShort = (cause?: unknown): void => refuse('body_unreadable', 'the body was cut short', cause);
    req.on('data', take);
    req.on('end', () => {
      if (announced !== undefined && received !== Number(announced)) {
        return refuse('body_unreadable', 'the body is not as long as it says');
      }
      isSettled = true;
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, received));
    });
    req.on('error', cutShort);
    // The end of a body comes before this; where it was cut and nobody calls that an error, this is all there is.
    req.on('close', cutShort);
    onTimeout(() => refuse('body_unreadable', 'the body was too slow'));
  });
}
