import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Deadline } from '../../src/base/deadline.js';
import { isCallbackError } from '../../src/base/errors.js';
import { resolveOptions } from '../../src/options/resolve.js';
import { readEnvelope } from '../../src/pipeline/envelope.js';
import { sign, Verifier } from '../../src/pipeline/verify.js';
import { APP, queryOf } from '../support/requests.js';

const SKEW_MS = 60_000;
/** Blanks at its ends are refused. */
const isTrimmed = (text: string): boolean => text === text.trim();
const token = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }).filter(isTrimmed);
const time = fc.integer({ min: 1, max: 10 ** 12 - 1 });
const skew = fc.integer({ min: -SKEW_MS, max: SKEW_MS });

/** The code of the refusal; `undefined` when the request is trusted. */
async function refusal(
  tokens: readonly string[],
  now: number,
  parts: { readonly Sign: string; readonly RequestTime: string },
): Promise<string | undefined> {
  const options = resolveOptions({ sdkAppId: APP, token: tokens, maxSkewMs: SKEW_MS, now: () => now });
  const envelope = readEnvelope({ method: 'POST', query: queryOf({ SdkAppid: APP, ...parts }) });
  try {
    await new Verifier(options).verify(envelope, new Deadline(1_000, () => undefined));
    return undefined;
  } catch (error) {
    return isCallbackError(error) ? error.code : `no coded error: ${String(error)}`;
  }
}

/** The text with one character replaced. */
function changed(text: string, at: number, character: string): string {
  const characters = [...text];
  characters[at % characters.length] = character;
  return characters.join('');
}

it('every signed request passes within the allowed skew, whatever other tokens there are', async () => {
  await fc.assert(
    fc.asyncProperty(
      token,
      time,
      skew,
      fc.array(token, { maxLength: 3 }),
      async (own, second, away, others) => {
        const RequestTime = String(second);
        const Sign = await sign(own, RequestTime);
        expect(await refusal([...others, own], second * 1000 + away, { Sign, RequestTime })).toBeUndefined();
      },
    ),
  );
});

it('no signed request passes beyond the allowed skew', async () => {
  const beyond = fc.integer({ min: SKEW_MS + 1, max: 10 ** 12 });
  await fc.assert(
    fc.asyncProperty(token, time, beyond, fc.boolean(), async (own, second, away, past) => {
      const RequestTime = String(second);
      const Sign = await sign(own, RequestTime);
      const now = second * 1000 + (past ? away : -away);
      expect(await refusal([own], now, { Sign, RequestTime })).toBe('request_expired');
    }),
  );
});

it.each([
  ['a change of one character of Sign fails', fc.string({ minLength: 1, maxLength: 1 })],
  [
    'a change of one hexadecimal digit of Sign fails, which only the comparison can tell',
    fc.constantFrom(...'0123456789abcdef'),
  ],
])('%s', async (_title, character) => {
  await fc.assert(
    fc.asyncProperty(token, time, fc.nat(63), character, async (own, second, at, by) => {
      const RequestTime = String(second);
      const right = await sign(own, RequestTime);
      const Sign = changed(right, at, by);
      fc.pre(Sign !== right);
      expect(await refusal([own], second * 1000, { Sign, RequestTime })).toBe('signature_invalid');
    }),
  );
});

it('a change of one character of the time fails, though the clock would allow it', async () => {
  await fc.assert(
    fc.asyncProperty(
      token,
      time,
      fc.nat(11),
      fc.constantFrom(...'0123456789x +-.'),
      async (own, second, at, by) => {
        const right = String(second);
        const RequestTime = changed(right, at, by);
        fc.pre(RequestTime !== right);
        const Sign = await sign(own, right);
        expect(await refusal([own], Number(RequestTime) * 1000, { Sign, RequestTime })).toBe(
          'signature_invalid',
        );
      },
    ),
  );
});

it('a change of one character of the token fails', async () => {
  const character = fc.string({ minLength: 1, maxLength: 1 });
  await fc.assert(
    fc.asyncProperty(token, time, fc.nat(63), character, async (own, second, at, by) => {
      const other = changed(own, at, by);
      fc.pre(other !== own);
      const RequestTime = String(second);
      const Sign = await sign(other, RequestTime);
      expect(await refusal([own], second * 1000, { Sign, RequestTime })).toBe('signature_invalid');
    }),
  );
});
