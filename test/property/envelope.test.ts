import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CALLBACK_ERROR_CODES, isCallbackError } from '../../src/base/errors.js';
import { readEnvelope } from '../../src/pipeline/envelope.js';
import { findCommand, isCommand } from '../../src/protocol/commands.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { baseOptions, requestOf } from '../support/requests.js';

const strange = fc.constantFrom(
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '\u0000',
  'Group.CallbackAfterSendMsg\u0000',
  '\ud800',
  '%',
  '%zz',
  '%00',
  '[]',
  'a[b][c]',
  '',
  'x'.repeat(5_000),
  '中'.repeat(500),
);
const text = fc.oneof(strange, fc.string(), fc.string({ unit: 'binary' }));
const name = fc.oneof(
  fc.constantFrom(
    'SdkAppid',
    'CallbackCommand',
    'Sign',
    'RequestTime',
    'RequestID',
    'ClientIP',
    'OptPlatform',
  ),
  fc.constantFrom('sdkappid[]', 'SdkAppid[0]', 'callbackcommand', 'SIGN', 'RequestId', 'contentType'),
  text,
);
/** Lone surrogates have no encoding. */
const wellFormed = (value: string): string => Buffer.from(value).toString();

/** Names as they are or encoded, in any number and order. */
const query = fc.array(fc.tuple(name, text, fc.boolean(), fc.boolean()), { maxLength: 12 }).map((parts) =>
  parts
    .map(([key, value, encoded, bare]) => {
      const [left, right] = encoded
        ? [encodeURIComponent(wellFormed(key)), encodeURIComponent(wellFormed(value))]
        : [key, value];
      return bare ? left : `${left}=${right}`;
    })
    .join('&'),
);

it('no query throws anything but a coded error', () => {
  fc.assert(
    fc.property(fc.oneof(query, text), (raw) => {
      try {
        const { params, sign, requestTime, entry } = readEnvelope({ method: 'POST', query: raw });
        for (const value of [...Object.values(params), sign, requestTime])
          expect(typeof value).toBe('string');
        expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
        expect(entry).toBe(findCommand(params.CallbackCommand));
      } catch (error) {
        if (!isCallbackError(error)) throw error;
        expect(['query_invalid', 'signature_invalid']).toContain(error.code);
      }
    }),
  );
});

it('a query that names each part once is read back as it was written', () => {
  const value = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(value, value, value, value, (SdkAppid, CallbackCommand, ClientIP, Sign) => {
      const raw = new URLSearchParams({ SdkAppid, CallbackCommand, ClientIP, Sign }).toString();
      expect(readEnvelope({ method: 'POST', query: raw })).toMatchObject({
        params: { SdkAppid, CallbackCommand, ClientIP },
        sign: Sign,
      });
    }),
  );
});

it('no command and no app id makes the receiver throw, or call something that nobody registered', async () => {
  const handler = new CallbackHandler({ ...baseOptions, sdkAppId: false, token: false });
  await fc.assert(
    fc.asyncProperty(text, text, async (SdkAppid, CallbackCommand) => {
      expect(handler.has(CallbackCommand)).toBe(false);
      expect(handler.get(CallbackCommand)).toBeUndefined();
      const raw = new URLSearchParams({ SdkAppid, CallbackCommand }).toString();
      const { status, body } = await handler.receive(requestOf(raw, '{"a":1}'));
      const documented = isCommand(CallbackCommand);
      expect(status).toBe(SdkAppid === '' || CallbackCommand === '' || documented ? 400 : 200);
      const { ErrorInfo } = JSON.parse(body) as { ErrorInfo: string };
      if (status !== 200) expect(CALLBACK_ERROR_CODES).toContain(ErrorInfo.split(':')[0]);
    }),
  );
});
