/** What the core needs of a runtime without Node's built-ins: Workers, Deno, Bun, edge runtimes. */

/** Whether a timer that one request has started may serve others: not in Workers, where it ends with its request. */
export const sharesTimers = false;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** SHA-256 of a text, in lower-case hexadecimal. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Prepares a hexadecimal text for `equalHex`. */
export function hexBytes(hex: string): Uint8Array {
  return encoder.encode(hex);
}

/** Compares 64 hexadecimal digits with prepared ones in constant time. The caller has checked both. */
export function equalHex(hex: string, prepared: Uint8Array): boolean {
  let difference = 0;
  // Every digit is looked at, wherever the first difference is.
  prepared.forEach((byte, index) => {
    difference |= hex.charCodeAt(index) ^ byte;
  });
  return difference === 0;
}

/** Text of UTF-8 bytes without a byte order mark; `undefined` when they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Number of UTF-8 bytes of a text. */
export function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Bytes of a base64 text; `undefined` when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  // atob takes text without its padding, and with spaces.
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** What stands in for a channel of Node's, to which nobody can listen here. */
const silent = {
  hasSubscribers: false,
  publish(): void {},
  subscribe(): void {},
  unsubscribe(): void {},
  runStores<T>(_message: object, work: () => T): T {
    return work();
  },
};

/** A channel without listeners; the option `observe` tells the same. */
export function channelOf(_name: string) {
  return { start: silent, end: silent, asyncStart: silent, asyncEnd: silent, error: silent };
}

/** Whether lines that are printed are read on a terminal, in colours. */
export function isColourful(): boolean {
  return false;
}
