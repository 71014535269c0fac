/** Stage 2: is the sender who it says it is? Runs before a byte of the body is read. */

import { createLRU } from 'lru.min';
import { equalHex, hexBytes, sha256Hex } from '#platform';
import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { Envelope } from './envelope.js';
import { TokenLookups } from './token-lookup.js';

/**
 * `hex(sha256(Token + RequestTime))`: what the vendor sends as `Sign`. The time is the decimal text of Unix
 * seconds. Document: https://cloud.tencent.com/document/product/269/32431
 */
export function sign(token: string, requestTime: string | number): string | Promise<string> {
  return sha256Hex(`${token}${requestTime}`);
}

const SIGN = /^[0-9a-f]{64}$/;
/** Unix seconds as plain digits; twelve of them reach the year 33658. */
const REQUEST_TIME = /^[0-9]{1,12}$/;

/**
 * Expected values by token and second. All requests of a second share theirs; the allowed skew bounds how
 * many seconds there are, and the number of entries is bounded for good measure.
 */
class ExpectedSigns {
  readonly #prepared = createLRU<string, Uint8Array>({ max: 1024 });

  get(token: string, requestTime: string): Uint8Array | Promise<Uint8Array> {
    const key = `${requestTime}\n${token}`;
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const hex = sign(token, requestTime);
    return isThenable(hex) ? hex.then((text) => this.#remember(key, text)) : this.#remember(key, hex);
  }

  #remember(key: string, hex: string): Uint8Array {
    const prepared = hexBytes(hex);
    this.#prepared.set(key, prepared);
    return prepared;
  }
}

/** Verifies envelopes: source address, app id, signature and age. */
export class Verifier {
  readonly #options: Pick<ResolvedOptions, 'allowFrom' | 'apps' | 'token' | 'maxSkewMs' | 'now'>;
  readonly #expected = new ExpectedSigns();
  readonly #tokens: readonly string[] | TokenLookups | false;

  constructor(options: Pick<ResolvedOptions, 'allowFrom' | 'apps' | 'token' | 'maxSkewMs' | 'now'>) {
    this.#options = options;
    const { token } = options;
    this.#tokens = typeof token === 'function' ? new TokenLookups({ ...options, token }) : token;
  }

  /**
   * Looks at the sender before anything that it sent.
   * @throws CallbackError `address_refused`.
   */
  checkAddress(address: string | undefined): void {
    const { allowFrom } = this.#options;
    // A promise is no "true": a check that has to be waited for lets nobody in.
    if (allowFrom !== undefined && allowFrom(address) !== true) throw new CallbackError('address_refused');
  }

  /**
   * Resolves, or returns, when the request is to be trusted: with the position of the token that has signed it, or
   * nothing where no signature is wanted.
   * @throws CallbackError `app_unknown`, `query_invalid`, `signature_missing`, `signature_invalid`,
   * `request_expired` or `token_unavailable`.
   */
  verify(envelope: Envelope, deadline: Deadline): number | undefined | Promise<number> {
    const { apps } = this.#options;
    const app = envelope.params.SdkAppid;
    // Without an app id only the console's try of the URL can pass: the body stage sees to that.
    if (apps !== undefined && app !== '' && !apps.has(app)) throw new CallbackError('app_unknown');
    const tokens = this.#tokens;
    if (tokens === false) return undefined;
    this.#checkForm(envelope);
    if (!(tokens instanceof TokenLookups)) return this.#check(envelope, tokens);
    return tokens.tokensOf(app, deadline).then((found) => this.#check(envelope, found));
  }

  #checkForm({ sign, requestTime }: Envelope): void {
    if (sign === '' || requestTime === '') throw new CallbackError('signature_missing');
    if (!REQUEST_TIME.test(requestTime))
      throw new CallbackError('signature_invalid', { message: timeFault(requestTime) });
    if (!SIGN.test(sign)) throw new CallbackError('signature_invalid', { message: SIGN_FORM });
    const { now, maxSkewMs } = this.#options;
    const age = now() - Number(requestTime) * 1000;
    // Written so that a clock that gives no number lets nobody in.
    if (!(Math.abs(age) <= maxSkewMs)) {
      throw new CallbackError('request_expired', {
        message: `RequestTime is ${differenceOf(age)} this clock`,
      });
    }
  }

  #check({ sign, requestTime }: Envelope, tokens: readonly string[]): number | Promise<number> {
    const expected = tokens.map((token) => this.#expected.get(token, requestTime));
    if (expected.some(isThenable)) {
      return Promise.all(expected).then((prepared) => compare(sign, prepared));
    }
    return compare(sign, expected as readonly Uint8Array[]);
  }
}

const SIGN_FORM = 'Sign is not 64 lower-case hexadecimal digits';

function timeFault(requestTime: string): string {
  return /^[0-9]{13}$/.test(requestTime)
    ? 'RequestTime has 13 digits, which are milliseconds: seconds are wanted'
    : 'RequestTime is not a Unix time in seconds';
}

function differenceOf(ageMs: number): string {
  const seconds = Math.round(Math.abs(ageMs) / 1000);
  return `${seconds} s ${ageMs > 0 ? 'behind' : 'ahead of'}`;
}

/** Compares with every token, so that the time does not tell which one came close. Gives the position of the one. */
function compare(sign: string, expected: readonly Uint8Array[]): number {
  let position = -1;
  for (let index = 0; index < expected.length; index++) {
    if (equalHex(sign, expected[index] as Uint8Array)) position = index;
  }
  if (position < 0) throw new CallbackError('signature_invalid');
  return position;
}
