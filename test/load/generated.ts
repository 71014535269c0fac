/** Generates hostile requests from a seed: nearly right ones, wrong ones, and noise. */

import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { COMMANDS, type Command } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { chunk, head } from '../support/sockets.js';
import { MARKER } from '../wire/hostile/checks.js';

/** A request as bytes, and what its sender does then. */
export interface HostileRequest {
  readonly bytes: Buffer;
  /** `wait`: the request is whole. `end`, `leave`: it is cut; the sender waits for an answer, or leaves. */
  readonly ending: 'wait' | 'end' | 'leave';
  readonly isHead: boolean;
}

const commands = COMMANDS.map(({ name }) => name);
const NAMES = ['__proto__', 'constructor', 'toString', 'SdkAppid', 'Sign', 'CallbackCommand', 'a\0b', ''];

const method = fc.oneof(
  { weight: 20, arbitrary: fc.constant('POST') },
  { weight: 2, arbitrary: fc.constantFrom('GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'PATCH') },
);

const path = fc.oneof(
  { weight: 12, arbitrary: fc.constant('/im') },
  { weight: 1, arbitrary: fc.constantFrom('/im/', '/im/x', '/', '//im', '/%', '/closed', '/bug', '/lookup') },
);

const parameter = fc.oneof(
  fc.constantFrom(
    ...NAMES.map((name) => `&${encodeURIComponent(name)}=${MARKER}`),
    '&Sign[]=1',
    '&SIGN=1',
    '&SdkAppid[$gt]=',
    '&=&=',
    '&%',
    '&%ff=%fe',
    `&${'a'.repeat(10_000)}=${MARKER}`,
  ),
  fc.string({ maxLength: 30 }).map((text) => `&${encodeURIComponent(text)}=${MARKER}`),
);

/** Changes a signed query. Most stay as they are; some carry more, and some are another's. */
const changeQuery: fc.Arbitrary<(signed: string) => string> = fc.oneof(
  { weight: 16, arbitrary: fc.constant((signed: string) => signed) },
  {
    weight: 3,
    arbitrary: fc.array(parameter, { maxLength: 3 }).map((all) => (signed: string) => signed + all.join('')),
  },
  {
    weight: 2,
    // One character of it is another.
    arbitrary: fc
      .tuple(fc.nat(), fc.constantFrom('0', 'x', '&', '=', '%', '+'))
      .map(([place, other]) => (signed: string) => {
        const at = place % signed.length;
        return signed.slice(0, at) + other + signed.slice(at + 1);
      }),
  },
  { weight: 1, arbitrary: fc.array(parameter, { maxLength: 20 }).map((all) => () => all.join('')) },
);

const json = fc.json({ maxDepth: 4 });
const strangeJson = fc.oneof(
  fc.integer({ min: 1, max: 3_000 }).map((depth) => '[{"a":'.repeat(depth)),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  fc.integer({ min: 1, max: 400 }).map((length) => `{"a":${'9'.repeat(length)}}`),
  fc.constantFrom(...NAMES).map((name) => `{${JSON.stringify(name)}:{"${MARKER}":1},"a":1e999}`),
  fc.constantFrom('', '{}', 'null', '[]', '"', '{"a":1,}', '\ufeff{}', '{"a":"\ud800"}', "{'a':1}", 'NaN'),
);

type MakeBody = (command: Command) => Buffer;

/** A body of a command in which one field, somewhere, is another value. */
const brokenBody: fc.Arbitrary<MakeBody> = fc
  .tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 }), fc.boolean())
  .map(([at, value, deep]) => (command) => {
    const body = sampleBody(command);
    const inner = Object.values(body).filter(
      (child): child is object => typeof child === 'object' && child !== null,
    );
    const target = (deep ? inner[at % inner.length] : undefined) ?? body;
    const keys = Object.keys(target);
    const key = keys[at % Math.max(keys.length, 1)] ?? 'x';
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
    return Buffer.from(JSON.stringify({ ...body, Marker: MARKER }));
  });

const goodBody: MakeBody = (command) => Buffer.from(JSON.stringify(sampleBody(command)));

const makeBody: fc.Arbitrary<MakeBody> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(goodBody) },
  { weight: 1, arbitrary: fc.constantFrom(...commands).map((other) => () => goodBody(other)) },
  { weight: 6, arbitrary: brokenBody },
  {
    weight: 7,
    arbitrary: fc
      .oneof(
        json.map((text) => Buffer.from(text)),
        strangeJson.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
      )
      .map((bytes) => () => bytes),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 1_200_000 }).map((length) => () => Buffer.alloc(length, 0x20)),
  },
);

const encoding = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ name: undefined, encode: (bytes: Buffer) => bytes }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      { name: 'gzip', encode: (bytes: Buffer) => gzipSync(bytes, { level: 1 }) },
      { name: 'deflate', encode: (bytes: Buffer) => deflateSync(bytes, { level: 1 }) },
      // Says one thing and is another.
      { name: 'gzip', encode: (bytes: Buffer) => bytes },
      { name: 'deflate', encode: (bytes: Buffer) => gzipSync(bytes, { level: 1 }) },
      { name: 'br', encode: (bytes: Buffer) => bytes },
      { name: 'gzip, gzip', encode: (bytes: Buffer) => gzipSync(gzipSync(bytes, { level: 1 })) },
      { name: 'gzip', encode: () => gzipSync(Buffer.alloc(3_000_000, 0x20), { level: 1 }) },
    ),
  },
);

const type = fc.constantFrom(
  undefined,
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  ';;;',
);

/** How the length is told, and whether it is true. */
const framing = fc.oneof(
  { weight: 8, arbitrary: fc.constant('length' as const) },
  { weight: 4, arbitrary: fc.constant('chunks' as const) },
  { weight: 2, arbitrary: fc.constantFrom('too long' as const, 'no last chunk' as const, 'both' as const) },
);

function requestFrom(
  kind: 'length' | 'chunks' | 'too long' | 'no last chunk' | 'both',
  target: string,
  verb: string,
  given: Readonly<Record<string, string | undefined>>,
  bytes: Buffer,
  cut: 'end' | 'leave',
): HostileRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) headers[name] = value;
  if (kind !== 'chunks' && kind !== 'no last chunk') {
    headers['content-length'] = String(bytes.length + (kind === 'too long' ? 10 : 0));
  }
  if (kind === 'both' || kind === 'chunks' || kind === 'no last chunk')
    headers['transfer-encoding'] = 'chunked';
  const content = kind === 'length' || kind === 'too long' ? [bytes] : bytes.length > 0 ? [chunk(bytes)] : [];
  if (kind === 'chunks' || kind === 'both') content.push(chunk(''));
  return {
    bytes: Buffer.concat([Buffer.from(head(target, headers, verb)), ...content]),
    ending: kind === 'too long' || kind === 'no last chunk' ? cut : 'wait',
    isHead: verb === 'HEAD',
  };
}

/** As many requests as wanted. Needs the signed query of every command. */
export function hostileRequests(
  signed: ReadonlyMap<Command, string>,
  count: number,
  seed: number,
): readonly HostileRequest[] {
  const request = fc
    .record({
      method,
      path,
      command: fc.constantFrom(...signed.keys()),
      changeQuery,
      encoding,
      type,
      framing,
      makeBody,
      cut: fc.constantFrom('end' as const, 'leave' as const),
    })
    .map((parts) =>
      requestFrom(
        parts.framing,
        `${parts.path}?${parts.changeQuery(signed.get(parts.command) ?? '')}`,
        parts.method,
        { 'content-type': parts.type, 'content-encoding': parts.encoding.name },
        parts.encoding.encode(parts.makeBody(parts.command)),
        parts.cut,
      ),
    );
  return fc.sample(request, { numRuns: count, seed });
}
