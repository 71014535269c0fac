/** What both platforms have to do; each test file runs it through one of them. */

import { describe, expect, it, vi } from 'vitest';
import type { Channel } from '../../../src/observe/channels.js';

/** The functions of `#platform`. */
export type Platform =
  | typeof import('../../../src/platform/node.js')
  | typeof import('../../../src/platform/web.js');

const utf8 = new TextEncoder();

export function describePlatform(name: string, platform: Platform): void {
  const {
    sha256Hex,
    hexBytes,
    equalHex,
    decodeUtf8,
    encodeUtf8,
    byteLength,
    toBase64,
    fromBase64,
    channelOf,
    isColourful,
  } = platform;

  describe(name, () => {
    it('hashes text as UTF-8, in lower-case hexadecimal', async () => {
      expect(await sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
      expect(await sha256Hex('中')).toBe('a567bdaa11367f260f0708391f4d10766b5962f565d9e432f17981a3584fe1e2');
    });

    it('finds digits equal only when all 64 are', () => {
      const hex = '0123456789abcdef'.repeat(4);
      const prepared = hexBytes(hex);
      expect(prepared.byteLength).toBe(64);
      expect(equalHex(hex, prepared)).toBe(true);
      for (let index = 0; index < 64; index++) {
        const other = `${hex.slice(0, index)}${hex[index] === 'f' ? '0' : 'f'}${hex.slice(index + 1)}`;
        expect(equalHex(other, prepared), String(index)).toBe(false);
      }
    });

    it('decodes UTF-8 without its byte order mark, also of a part of a buffer', () => {
      expect(decodeUtf8(utf8.encode('中文 😀'))).toBe('中文 😀');
      expect(decodeUtf8(utf8.encode('\ufeff{}'))).toBe('{}');
      expect(decodeUtf8(utf8.encode('a\ufeffb'))).toBe('a\ufeffb');
      expect(decodeUtf8(utf8.encode('xx{}yy').subarray(2, 4))).toBe('{}');
      expect(decodeUtf8(Buffer.from('{}'))).toBe('{}');
      expect(decodeUtf8(new Uint8Array())).toBe('');
    });

    it.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]], [[0x61, 0xe4, 0xb8]]])(
      'does not decode %j, which is no UTF-8',
      (bytes) => {
        expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
      },
    );

    it('encodes and counts UTF-8 bytes', () => {
      expect([...encodeUtf8('é中')]).toEqual([0xc3, 0xa9, 0xe4, 0xb8, 0xad]);
      expect(byteLength('a中😀')).toBe(8);
      expect(byteLength('\ud800')).toBe(encodeUtf8('\ud800').byteLength);
    });

    it('takes every byte through base64 and back, also of a part of a buffer', () => {
      const bytes = Uint8Array.from({ length: 258 }, (_, index) => index % 256);
      for (const length of [0, 1, 2, 3, 256]) {
        const part = bytes.subarray(1, 1 + length);
        const text = toBase64(part);
        expect(text).toBe(Buffer.from(part).toString('base64'));
        expect(Array.from(fromBase64(text) ?? [])).toEqual([...part]);
      }
    });

    it.each([
      'a',
      'ab',
      'abc',
      'ab=c',
      '====',
      'a===',
      'YQ==YQ==',
      'YQ',
      ' YQ==',
      'YQ==\n',
      'YQ-_',
      '中文中文',
    ])('does not take %j for base64', (text) => {
      expect(fromBase64(text)).toBeUndefined();
    });

    it('has channels on which work is told and done', () => {
      const channel: Channel = channelOf('qcloud-im-callback:test');
      for (const event of [channel.start, channel.end, channel.asyncStart, channel.asyncEnd, channel.error]) {
        expect(event.hasSubscribers).toBe(false);
        event.publish({});
        const listener = (): void => undefined;
        event.subscribe(listener);
        event.unsubscribe(listener);
        expect(event.runStores({}, () => 7)).toBe(7);
      }
    });

    it('prints without colours where nobody reads on a terminal', () => {
      vi.stubEnv('NO_COLOR', '1');
      expect(isColourful()).toBe(false);
      vi.unstubAllEnvs();
    });
  });
}
