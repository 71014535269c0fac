import fc from 'fast-check';
import { parse as parseLossless } from 'lossless-json';
import { expect, it } from 'vitest';
import { isNestedOver, parseJson } from '../../src/base/json.js';

/** Looks at each character; the one it is compared with only does so where there are many brackets. */
function isSimplyNestedOver(text: string, levels: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if ('[{'.includes(character)) {
      if (++depth > levels) return true;
    } else if (']}'.includes(character)) depth--;
  }
  return false;
}

/** Reads every number by its digits, whether it is long or not. */
function parseSimply(text: string): unknown {
  return parseLossless(text, undefined, {
    parseNumber: (digits) => {
      const number = Number(digits);
      return Number.isSafeInteger(number) || !/^-?\d+$/.test(digits) ? number : digits;
    },
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

const DIGITS = '144115200000000001';
const piece = fc.constantFrom('[', ']', '{', '}', '"', '\\', '\\"', '\\\\', 'a', '明', ',', DIGITS);

/** JSON values written down, with numbers that JSON.stringify would not write. */
const { json } = fc.letrec<{ json: string }>((tie) => {
  const digits = fc
    .integer({ min: 1, max: 40 })
    .map((length) => `${DIGITS}${DIGITS}${DIGITS}`.slice(0, length));
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      digits,
      fc.constantFrom('', '', '.5', `.${DIGITS}`, 'e3', 'E-2', 'e+400'),
    )
    .map((parts) => parts.join(''));
  const text = fc
    .array(
      fc.oneof(fc.string(), fc.constantFrom('"', '\\', DIGITS, `: ${DIGITS}`, `-${DIGITS}`, '[', '{', '明')),
    )
    .map((parts) => JSON.stringify(parts.join('')));
  const space = fc.constantFrom('', '', ' ', '\n', '\t');
  return {
    json: fc.oneof(
      { maxDepth: 4 },
      number,
      text,
      fc.constantFrom('true', 'null', '0', '1.5'),
      fc
        .tuple(space, fc.array(tie('json'), { maxLength: 4 }))
        .map(([gap, items]) => `[${gap}${items.join(`,${gap}`)}]`),
      fc
        .tuple(space, fc.array(fc.tuple(text, tie('json')), { maxLength: 4 }))
        .map(
          ([gap, fields]) => `{${fields.map(([name, value]) => `${name}:${gap}${value}`).join(`${gap},`)}}`,
        ),
    ),
  };
});

it('nesting is found as by looking at each character, in whatever text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
      ),
      fc.integer({ min: 0, max: 4 }),
      (text, levels) => {
        expect(isNestedOver(text, levels)).toBe(isSimplyNestedOver(text, levels));
      },
    ),
    { numRuns: 2_000 },
  );
});

it('numbers are read as by a parser that looks at all of them', () => {
  fc.assert(
    fc.property(json, (text) => {
      // In an array: a body is no lone number.
      const wrapped = `[${text}]`;
      expect(parseJson(wrapped)).toEqual(parseSimply(wrapped));
    }),
    { numRuns: 2_000 },
  );
});
