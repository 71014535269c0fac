import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { type DecodedBody, decodeBody, readBody } from '../../../src/pipeline/body.js';
import type { BodyContent, ReadOptions } from '../../../src/protocol/http.js';

const LIMIT = 1_000_000;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const rawTextOf = ({ rawBody }: DecodedBody) =>
  new TextDecoder().decode(typeof rawBody === 'function' ? rawBody() : rawBody);
const coded = (code: string) => expect.objectContaining({ code });

afterEach(() => {
  vi.useRealTimers();
});

/** A text in each form in which it may come. */
function formsOf(text: string): [string, BodyContent][] {
  return [
    ['bytes', bytesOf(text)],
    ['text', text],
  ];
}

describe('decodeBody', () => {
  it.each(formsOf('{"a":"中","__proto__":{"b":1}}'))(
    'gives the object of %s, and the bytes',
    (_, content) => {
      const decoded = decodeBody(content, LIMIT);
      const { value } = decoded;
      expect(value?.['a']).toBe('中');
      expect(value?.['b']).toBeUndefined();
      expect(Object.keys(value ?? {})).toEqual(['a', '__proto__']);
      expect(rawTextOf(decoded)).toBe('{"a":"中","__proto__":{"b":1}}');
    },
  );

  it.each(['', ' \r\n\t', '{}', ' { } ', '\ufeff{}', '\ufeff'])('takes %j for the try of the URL', (text) => {
    for (const [, content] of formsOf(text)) {
      const decoded = decodeBody(content, LIMIT);
      expect(decoded.value).toBeUndefined();
      expect(rawTextOf(decoded)).toBe(text.replace('\ufeff', ''));
    }
  });

  it('takes an empty parsed object for the try of the URL', () => {
    expect(decodeBody({ parsed: {} }, LIMIT).value).toBeUndefined();
  });

  it('reads past a byte order mark', () => {
    for (const [, content] of formsOf('\ufeff{"a":1}'))
      expect(decodeBody(content, LIMIT).value).toEqual({ a: 1 });
  });

  it.each([
    '[]',
    '[{"a":1}]',
    'null',
    '1',
    '"a"',
    '{',
    '{"a":1}x',
    '{}{}',
    "{'a':1}",
    '{"a":NaN}',
    '\u0000{}',
  ])('does not take %j, which is no JSON object', (text) => {
    for (const [, content] of formsOf(text)) {
      expect(() => decodeBody(content, LIMIT)).toThrow(coded('body_not_json'));
    }
  });

  it("does not keep the parser's message, which quotes the sender's text", () => {
    for (const text of ['{"secret', '{"a":1234567890123456,"secret']) {
      let thrown: unknown;
      try {
        decodeBody(text, LIMIT);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'body_not_json' });
      expect(thrown).not.toHaveProperty('cause');
      expect(String(thrown)).not.toContain('secret');
    }
  });

  it.each([[null], [[]], ['text'], [1], [undefined]])(
    'does not take %j, which another parser made',
    (parsed) => {
      expect(() => decodeBody({ parsed }, LIMIT)).toThrow(coded('body_not_json'));
    },
  );

  it.each([
    ['a buffer', new TextEncoder().encode('{"a":1}').buffer],
    ['a stream', new Blob(['{"a":1}']).stream()],
    ['a form', new FormData()],
    ['a map', new Map([['a', 1]])],
  ])('does not take %s for the try of the URL', (_what, parsed) => {
    expect(() => decodeBody({ parsed }, LIMIT)).toThrow(coded('body_unreadable'));
  });

  it('takes an empty object without a prototype, or of another realm, for the try of the URL', () => {
    for (const parsed of [Object.create(null), runInNewContext('({})')])
      expect(decodeBody({ parsed }, LIMIT).value).toBeUndefined();
  });

  it('gives what another parser made, and its JSON as it was before fields change', () => {
    const parsed: Record<string, unknown> = { a: 1, text: 'x', nothing: null };
    const decoded = decodeBody({ parsed }, LIMIT);
    expect(decoded.value).toBe(parsed);
    parsed['a'] = '1';
    expect(rawTextOf(decoded)).toBe('{"a":1,"text":"x","nothing":null}');
  });

  it('cannot read a parsed value that has no JSON', () => {
    expect(() => decodeBody({ parsed: { a: 1n } }, LIMIT)).toThrow(
      expect.objectContaining({
        message: 'body_unreadable: the parsed body is no JSON value',
        cause: expect.any(TypeError),
      }),
    );
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => decodeBody(Uint8Array.from([0x7b, 0xff, 0x7d]), LIMIT)).toThrow(
      'body_unreadable: the body is not UTF-8',
    );
  });

  it('counts bytes, not characters, against the limit', () => {
    const text = '{"a":"中"}';
    const length = bytesOf(text).byteLength;
    for (const [, content] of formsOf(text)) {
      expect(decodeBody(content, length).value).toEqual({ a: '中' });
      expect(() => decodeBody(content, length - 1)).toThrow(coded('body_too_large'));
    }
  });
});

describe('integers that no double can hold', () => {
  it.each<[string, unknown]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740993', '-9007199254740993'],
    ['144115200000000001', '144115200000000001'],
    ['1234567890123456.5', 1234567890123456.5],
    ['1e400', Number.POSITIVE_INFINITY],
    ['0.1234567890123456789', 0.12345678901234568],
  ])('%s arrives as %j', (digits, wanted) => {
    expect(decodeBody(`{"a":${digits}}`, LIMIT).value).toEqual({ a: wanted });
    expect(decodeBody(`{"a":[\n ${digits}],"b":1}`, LIMIT).value).toEqual({ a: [wanted], b: 1 });
  });

  it('changes nothing else, whichever parser runs', () => {
    const text = '{"a":{"t":true,"n":null,"s":"\\u4e2d","x":1.5,"e":1e3},"long":123456789012345678}';
    const { long, ...rest } = decodeBody(text, LIMIT).value ?? {};
    const { long: _, ...plain } = JSON.parse(text) as Record<string, unknown>;
    expect(long).toBe('123456789012345678');
    expect(rest).toEqual(plain);
  });

  it('lets the last of duplicate keys win in both parsers, whatever type they have', () => {
    expect(decodeBody('{"a":1,"a":{"b":2}}', LIMIT).value).toEqual({ a: { b: 2 } });
    expect(decodeBody('{"a":1,"a":{"b":2},"l":123456789012345678}', LIMIT).value?.['a']).toEqual({ b: 2 });
  });

  it('keeps __proto__ and constructor ordinary keys in both parsers', () => {
    for (const more of ['', ',"l":123456789012345678']) {
      const { value } = decodeBody(`{"__proto__":{"polluted":1},"constructor":2${more}}`, LIMIT);
      expect(Object.keys(value ?? {}).slice(0, 2)).toEqual(['__proto__', 'constructor']);
      expect(value?.['polluted']).toBeUndefined();
    }
  });
});

describe('nesting', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

  it.each(formsOf('x'))('is allowed up to 500 levels (%s)', (form) => {
    const content = (text: string) => (form === 'bytes' ? bytesOf(text) : text);
    expect(decodeBody(content(nested(500)), LIMIT).value).toBeDefined();
    for (const levels of [501, 100_000]) {
      expect(() => decodeBody(content(nested(levels)), LIMIT)).toThrow(/^body_not_json: nested over 500/);
    }
  });

  it('does not count brackets within text, nor siblings', () => {
    const text = JSON.stringify({ a: `\\"${'[{'.repeat(600)}`, b: Array.from({ length: 600 }, () => [{}]) });
    expect(decodeBody(text, LIMIT).value).toEqual(JSON.parse(text));
  });

  it('is bounded alike in what another parser made', () => {
    expect(decodeBody({ parsed: JSON.parse(nested(500)) }, LIMIT).value).toBeDefined();
    expect(() => decodeBody({ parsed: JSON.parse(nested(501)) }, LIMIT)).toThrow(coded('body_not_json'));
    const round: Record<string, unknown> = {};
    round['a'] = round;
    expect(() => decodeBody({ parsed: round }, LIMIT)).toThrow(coded('body_not_json'));
  });
});

describe('readBody', () => {
  it('hands over what is there at once, without a timer', () => {
    const deadline = new Deadline(1_000, () => undefined);
    const read = vi.fn((_: ReadOptions) => 'text');
    expect(readBody({ received: true, read }, 7, deadline)).toBe('text');
    expect(read.mock.calls[0]?.[0].limit).toBe(7);
  });

  it('waits for what is not, and gives up past the deadline with 408', async () => {
    vi.useFakeTimers();
    const deadline = new Deadline(100, () => undefined);
    const stop = vi.fn<() => void>();
    const reading = readBody(
      {
        received: false,
        read(options) {
          options.onTimeout(stop);
          return new Promise(() => undefined);
        },
      },
      7,
      deadline,
    );
    const failed = expect(reading).rejects.toMatchObject({
      message: 'body_unreadable: the body was too slow',
      status: 408,
    });
    await vi.advanceTimersByTimeAsync(100);
    await failed;
    expect(stop).toHaveBeenCalledOnce();
  });

  it('reports nothing when the read ends because its time is over', async () => {
    vi.useFakeTimers();
    const onLate = vi.fn<() => void>();
    const deadline = new Deadline(100, onLate);
    const reading = readBody(
      {
        received: false,
        read: ({ onTimeout }) =>
          new Promise((_, reject) => {
            onTimeout(() => reject(new Error('stopped')));
          }),
      },
      7,
      deadline,
    );
    const failed = expect(reading).rejects.toMatchObject({ status: 408 });
    await vi.advanceTimersByTimeAsync(100);
    await failed;
    expect(onLate).not.toHaveBeenCalled();
  });

  it('passes on what the reader throws', async () => {
    const deadline = new Deadline(1_000, () => undefined);
    const cause = new Error('x');
    const read = () => Promise.reject(cause);
    await expect(readBody({ received: false, read }, 7, deadline)).rejects.toBe(cause);
    deadline.end();
  });
});
