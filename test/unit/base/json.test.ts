import { describe, expect, it } from 'vitest';
import { isNestedOver, parseJson } from '../../../src/base/json.js';

describe('isNestedOver', () => {
  it.each<[text: string, levels: number]>([
    ['', 0],
    ['1', 0],
    ['[]', 1],
    ['[[]]', 2],
    ['{"a":[{}]}', 3],
    ['[[],{},[]]', 2],
    ['["[{[{"]', 1],
    ['["\\"[{[{"]', 1],
    ['["\\\\",[]]', 2],
    ['["\\\\\\"[[[",{}]', 2],
    ['{"[":"{","b":[]}', 2],
    ['[[', 2],
    ['["[[[[', 1],
  ])('finds in %s as many levels as %i', (text, levels) => {
    expect(isNestedOver(text, levels)).toBe(false);
    expect(isNestedOver(text, levels - 1)).toBe(levels > 0);
  });
});

describe('parseJson', () => {
  const LONG = '144115200000000001';

  it.each<[text: string, value: unknown]>([
    [`[${LONG}]`, [LONG]],
    [`[-${LONG}]`, [`-${LONG}`]],
    [`[1,\n-${LONG}]`, [1, `-${LONG}`]],
    [`{"a":${LONG},"${LONG}":"${LONG}"}`, { a: LONG, [LONG]: LONG }],
    [`["\\"",${LONG}]`, ['"', LONG]],
    [`["\\\\",${LONG}]`, ['\\', LONG]],
    [`["${LONG}", "x ${LONG} y", ": ${LONG}", "[-${LONG}"]`, [LONG, `x ${LONG} y`, `: ${LONG}`, `[-${LONG}`]],
    [`["${LONG}${LONG}",${LONG}]`, [LONG + LONG, LONG]],
    ['[9007199254740991,9007199254740992]', [9007199254740991, '9007199254740992']],
    ['[1234567890123456.5]', [1234567890123456.5]],
    ['[1234567890123456e3]', [1234567890123456e3]],
    [`[0.1234567890123456789,${LONG}]`, [0.12345678901234568, LONG]],
    [`[1e400,${LONG}]`, [Number.POSITIVE_INFINITY, LONG]],
    ['{"a":1}', { a: 1 }],
  ])('makes %s what JSON says, but text of integers that no double holds', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(['', '{', `[${LONG}`, `{"a":${LONG}}x`, "['a']"])('does not take %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
