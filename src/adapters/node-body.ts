/** Reads the body of a Node request, whoever may have touched it before. The only body reader for Node. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CallbackError, STATUS_ENCODING_UNKNOWN } from '../base/errors.js';
import type { BodyContent, ReadOptions } from '../protocol/http.js';
import { isPlain, readPlain } from './plain-body.js';

/** body-parser's `raw()`, which costs about 100 ms to load where Express has not loaded it. */
export type RawParser = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** What other middleware may have left of a body. */
export interface Leftovers {
  /** What a body parser made of the body. */
  body?: unknown;
  /** The bytes, where somebody kept them: Nest, serverless platforms, `verify` hooks of body-parser. */
  rawBody?: unknown;
}

/** A Node request, on which other middleware may have left something. */
export interface ParsedRequest extends IncomingMessage, Leftovers {}

function unreadable(message: string, cause?: unknown): CallbackError {
  return new CallbackError('body_unreadable', { message, cause });
}

/** Whether nobody has read from the stream, so that all bytes are still to come. */
function isUntouched(req: IncomingMessage): boolean {
  return !req.readableDidRead && !req.destroyed && !req.readableEnded;
}

/** Whether the headers announce no body. HTTP/2 announces it elsewhere. */
export function isBodiless({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const length = headers['content-length'] ?? '0';
  return httpVersionMajor === 1 && headers['transfer-encoding'] === undefined && Number(length) === 0;
}

/** body-parser knows more encodings than may come; which ones depends on its version and Node's. */
function isEncodingKnown(req: IncomingMessage): boolean {
  return /^(?:identity|gzip|deflate)?$/i.test(req.headers['content-encoding'] ?? '');
}

function isFormType(req: IncomingMessage): boolean {
  return /^\s*(?:application\/x-www-form-urlencoded|multipart\/)/i.test(req.headers['content-type'] ?? '');
}

function keptBytes(value: unknown): Uint8Array | string | undefined {
  return value instanceof Uint8Array || typeof value === 'string' ? value : undefined;
}

/** What another parser has left of a consumed body. */
function leftover(req: IncomingMessage, parsed: unknown): BodyContent {
  const bytes = keptBytes(parsed);
  if (bytes !== undefined) return bytes;
  if (typeof parsed !== 'object' || parsed === null || isFormType(req)) {
    throw unreadable(
      'another parser consumed the body; mount qcloudIm before it, or keep the bytes in req.rawBody',
    );
  }
  return { parsed };
}

interface ParserError {
  readonly type?: string;
}

/** Gives body-parser's errors our codes; its 500s mean that somebody else has touched the stream. */
function translate(thrown: unknown): CallbackError {
  const { type } = thrown as ParserError;
  if (type === 'entity.too.large') return new CallbackError('body_too_large', { cause: thrown });
  return unreadable('the body was cut short, is not as long as it says, or was consumed', thrown);
}

/** Reads what is chunked or compressed. */
function readParsed(
  req: ParsedRequest,
  res: ServerResponse,
  parser: RawParser,
  { limit, onTimeout }: ReadOptions,
): Promise<Uint8Array> {
  return new Promise<Uint8Array>((resolve, reject) => {
    let received = 0;
    let settled = false;
    const settle = (error: CallbackError | undefined, bytes?: Uint8Array): void => {
      settled = true;
      req.off('data', count);
      req.off('close', closed);
      if (error === undefined) resolve(bytes as Uint8Array);
      else {
        // What still comes is not for us; the connection is closed after the answer.
        req.unpipe();
        req.pause();
        reject(error);
      }
    };
    // body-parser would first take in all that is over the limit.
    const count = (chunk: Uint8Array): void => {
      received += chunk.byteLength;
      if (received > limit) settle(new CallbackError('body_too_large'));
    };
    // A compressed body that is cut never calls back.
    const closed = (): void => {
      if (!req.complete) settle(unreadable('the body was cut short'));
    };
    parser(req, res, (error) => {
      if (error !== undefined && error !== null) return settle(translate(error));
      const bytes = keptBytes(req.body);
      if (bytes === undefined) return settle(unreadable('another parser consumed the body'));
      settle(undefined, bytes as Uint8Array);
    });
    // It may have called back at once.
    if (settled) return;
    // After the parser's own listeners: before it no data may flow.
    req.on('data', count);
    req.on('close', closed);
    onTimeout(() => {
      if (!settled) settle(unreadable('the body was too slow'));
    });
  });
}

/**
 * Gives the body from the first of: `rawBody`; the stream, if nobody has read it, whatever `body` holds; `body`.
 * @param left What other middleware has made of the body. Defaults to what it left on the request itself.
 * @throws CallbackError `body_too_large` or `body_unreadable`.
 */
export function readNodeBody(
  req: ParsedRequest,
  res: ServerResponse,
  parser: RawParser,
  options: ReadOptions,
  left: Readonly<Leftovers> = req,
): BodyContent | Promise<BodyContent> {
  const { body, rawBody } = left;
  const kept = keptBytes(rawBody);
  if (kept !== undefined) return kept;
  if (!isUntouched(req)) return leftover(req, body);
  if (isBodiless(req)) return body === undefined ? new Uint8Array(0) : leftover(req, body);
  if (!isEncodingKnown(req)) {
    throw new CallbackError('body_unreadable', {
      message: 'only identity, gzip and deflate are read',
      status: STATUS_ENCODING_UNKNOWN,
    });
  }
  if (Number(req.headers['content-length']) > options.limit) throw new CallbackError('body_too_large');
  return isPlain(req) ? readPlain(req, options) : readParsed(req, res, parser, options);
}
