/** What the core needs of Node.js. `web.ts` is the same for runtimes without Node's built-ins. */

import { Buffer, isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';

/** Whether a timer that one request has started may serve others. */
export const sharesTimers = true;

/** SHA-256 of a text, in lower-case hexadecimal. */
export function sha256Hex(text: string): string | Promise<string> {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Prepares a hexadecimal text for `equalHex`. */
export function hexBytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'latin1');
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const scratch = Buffer.alloc(64);

/** Compares 64 hexadecimal digits with prepared ones in constant time. The caller has checked both. */
export function equalHex(hex: string, prepared: Uint8Array): boolean {
  scratch.write(hex, 0, 64, 'latin1');
  return timingSafeEqual(scratch, prepared);
}

/** Text of UTF-8 bytes without a byte order mark; `undefined` when they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** Number of UTF-8 bytes of a text. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Bytes of a base64 text; `undefined` when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  // Buffer skips what is no base64.
  return text.length % 4 === 0 && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** The channel of this name, the same for every copy of this package in the process. */
export function channelOf(name: string) {
  return diagnostics.tracingChannel(name);
}

/** Whether lines that are printed are read on a terminal, in colours. */
export function isColourful(): boolean {
  return process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
}
