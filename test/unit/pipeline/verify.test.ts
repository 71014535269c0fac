import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import type { CallbackErrorCode } from '../../../src/base/errors.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import { resolveOptions } from '../../../src/options/resolve.js';
import { readEnvelope } from '../../../src/pipeline/envelope.js';
import { REMEMBER_MS } from '../../../src/pipeline/token-lookup.js';
import { sign, Verifier } from '../../../src/pipeline/verify.js';
import vectors from '../../fixtures/sign-vectors.json' with { type: 'json' };
import { APP, baseOptions, NOW, queryOf, REQUEST_TIME, TOKEN } from '../../support/requests.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Verifies once; gives `undefined` when the request is trusted. */
async function verify(
  options: Partial<QcloudImOptions>,
  parts: Readonly<Record<string, string | undefined>> = {},
  { address, token = TOKEN, time = REQUEST_TIME }: { address?: string; token?: string; time?: string } = {},
): Promise<void> {
  const verifier = new Verifier(resolveOptions({ ...baseOptions, ...options }));
  const query = queryOf({ SdkAppid: APP, Sign: await sign(token, time), RequestTime: time, ...parts });
  const deadline = new Deadline(1_000, () => undefined);
  try {
    verifier.checkAddress(address);
    await verifier.verify(readEnvelope({ method: 'POST', query }), deadline);
  } finally {
    deadline.end();
  }
}

const coded = (code: CallbackErrorCode) => expect.objectContaining({ code });

describe('sign', () => {
  it.each(vectors)('of token $token and time $time is fixed', async ({ token, time, sign: expected }) => {
    expect(await sign(token, time)).toBe(expected);
    expect(await sign(token, Number(time))).toBe(expected);
    await verify({ token, now: () => Number(time) * 1000 }, { Sign: expected, RequestTime: time });
  });
});

describe('token', () => {
  it.each<[string, QcloudImOptions['token']]>([
    ['a text', TOKEN],
    ['a list that holds it first', [TOKEN, 'other']],
    ['a list that holds it last', ['other', TOKEN]],
    ['a look-up', () => TOKEN],
    ['a look-up of a list', () => ['other', TOKEN]],
    ['an async look-up', async () => TOKEN],
    ['an async look-up of a list', async () => ['other', TOKEN]],
  ])('passes as %s, and another token does not', async (_, token) => {
    await verify({ token });
    await expect(verify({ token }, {}, { token: 'wrong' })).rejects.toEqual(coded('signature_invalid'));
  });

  it('false takes requests without a signature', async () => {
    await verify({ token: false }, { Sign: undefined, RequestTime: undefined });
  });

  it('is looked up by the app of the request', async () => {
    const token = vi.fn(() => TOKEN);
    await verify({ token, sdkAppId: false }, { SdkAppid: '77' });
    expect(token.mock.calls).toEqual([['77']]);
  });

  it('is looked up for every app of ours when the console tries the URL without an app', async () => {
    const token = vi.fn((app: string) => (app === '2' ? TOKEN : undefined));
    await verify({ token, sdkAppId: [1, 2] }, { SdkAppid: undefined });
    expect(token.mock.calls).toEqual([['1'], ['2']]);
  });

  it('cannot be looked up without an app when any app is taken', async () => {
    const token = () => TOKEN;
    await expect(verify({ token, sdkAppId: false }, { SdkAppid: '' })).rejects.toEqual(
      coded('query_invalid'),
    );
  });

  it('is not looked up for a request that has the wrong form or time', async () => {
    const token = vi.fn(() => TOKEN);
    const right = await sign(TOKEN, REQUEST_TIME);
    for (const Sign of ['x', `${right}0`, `0${right}`])
      await expect(verify({ token }, { Sign })).rejects.toEqual(coded('signature_invalid'));
    await expect(verify({ token, now: () => 0 })).rejects.toEqual(coded('request_expired'));
    expect(token).not.toHaveBeenCalled();
  });

  it('of an app that the look-up does not know refuses the app', async () => {
    await expect(verify({ token: () => undefined })).rejects.toEqual(coded('app_unknown'));
    await expect(verify({ token: async () => undefined })).rejects.toEqual(coded('app_unknown'));
    await expect(verify({ token: () => [] })).rejects.toEqual(coded('app_unknown'));
  });

  it.each([[''], [[TOKEN, '']], [null], [7], [[null]], [{}]])(
    'looked up as %j is unavailable, though a signature without a token would fit',
    async (found) => {
      const token = (() => found) as () => string;
      const message = 'token_unavailable: the token look-up returned what is no token';
      await expect(verify({ token }, {}, { token: '' })).rejects.toThrow(message);
      const later = (async () => found) as () => Promise<string>;
      await expect(verify({ token: later })).rejects.toThrow(message);
    },
  );

  it('whose look-up throws is unavailable, with the cause told', async () => {
    const cause = new Error('store away');
    const token = () => {
      throw cause;
    };
    const wanted = expect.objectContaining({
      code: 'token_unavailable',
      cause: expect.objectContaining({ message: 'Error: store away' }),
    });
    await expect(verify({ token })).rejects.toEqual(wanted);
    await expect(verify({ token: () => Promise.reject(cause) })).rejects.toEqual(wanted);
  });

  it('whose look-up is late is unavailable', async () => {
    vi.useFakeTimers();
    const verifying = expect(
      verify({ token: () => new Promise<string>(() => undefined) }),
    ).rejects.toMatchObject({
      code: 'token_unavailable',
      message: 'token_unavailable: the token look-up was late',
    });
    await vi.advanceTimersByTimeAsync(1_000);
    await verifying;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('changes when the list of a look-up changes: nothing remembered outlives its token', async () => {
    let current = TOKEN;
    let now = NOW;
    const verifier = new Verifier(resolveOptions({ ...baseOptions, token: () => current, now: () => now }));
    const deadline = new Deadline(1_000, () => undefined);
    const query = queryOf({
      SdkAppid: APP,
      Sign: await sign(TOKEN, REQUEST_TIME),
      RequestTime: REQUEST_TIME,
    });
    const envelope = readEnvelope({ method: 'POST', query });
    await verifier.verify(envelope, deadline);
    current = 'new';
    now += REMEMBER_MS;
    await expect(verifier.verify(envelope, deadline)).rejects.toEqual(coded('signature_invalid'));
  });
});

describe('expected signatures', () => {
  it('stay right when more seconds were seen than are remembered', async () => {
    const verifier = new Verifier(resolveOptions({ ...baseOptions, maxSkewMs: 10_000_000 }));
    const deadline = new Deadline(1_000, () => undefined);
    for (const round of [1, 2]) {
      for (let second = 0; second < 1_100; second++) {
        const time = String(NOW / 1000 + second);
        const query = queryOf({ SdkAppid: APP, Sign: await sign(TOKEN, time), RequestTime: time });
        const result = verifier.verify(readEnvelope({ method: 'POST', query }), deadline);
        expect(result, `${round} ${second}`).toBe(0);
      }
    }
  });
});

describe('sdkAppId', () => {
  it.each<[string, QcloudImOptions['sdkAppId']]>([
    ['number', 1400000000],
    ['text', '1400000000'],
    ['list', [7, '1400000000']],
  ])('as a %s lets only its apps in', async (_, sdkAppId) => {
    await verify({ sdkAppId });
    for (const SdkAppid of ['140000000', '1400000001', ' 1400000000', '01400000000', '1.4e9'])
      await expect(verify({ sdkAppId }, { SdkAppid })).rejects.toEqual(coded('app_unknown'));
  });

  it('false lets any app in', async () => {
    await verify({ sdkAppId: false }, { SdkAppid: 'anything' });
  });

  it('is checked before the signature', async () => {
    await expect(verify({}, { SdkAppid: '1', Sign: undefined })).rejects.toEqual(coded('app_unknown'));
  });
});

describe('the form of a signature', () => {
  it.each([{ Sign: undefined }, { RequestTime: undefined }, { Sign: '' }, { RequestTime: '' }])(
    'is missing with %j',
    async (parts) => {
      await expect(verify({}, parts)).rejects.toEqual(coded('signature_missing'));
    },
  );

  it.each([
    { Sign: 'a'.repeat(63) },
    { Sign: 'a'.repeat(65) },
    { Sign: 'g'.repeat(64) },
    { Sign: 'A'.repeat(64) },
    { RequestTime: `${REQUEST_TIME}.0` },
    { RequestTime: `+${REQUEST_TIME}` },
    { RequestTime: ` ${REQUEST_TIME}` },
    { RequestTime: '1e9' },
    { RequestTime: '0x10' },
    { RequestTime: '-1' },
    { RequestTime: '1'.repeat(13) },
    { RequestTime: '１' },
  ])('is invalid with %j', async (parts) => {
    await expect(verify({}, parts)).rejects.toEqual(coded('signature_invalid'));
  });
});

describe('what is said of a signature', () => {
  const right = { RequestTime: REQUEST_TIME };
  it.each<[string, Partial<QcloudImOptions>, Record<string, string>, string]>([
    [
      'milliseconds',
      {},
      { RequestTime: `${REQUEST_TIME}000` },
      'RequestTime has 13 digits, which are milliseconds',
    ],
    ['no time', {}, { RequestTime: 'soon' }, 'RequestTime is not a Unix time in seconds'],
    ['capitals', {}, { ...right, Sign: 'A'.repeat(64) }, 'Sign is not 64 lower-case hexadecimal digits'],
    ['an old time', { now: () => NOW + 3_600_000 }, right, 'RequestTime is 3600 s behind this clock'],
    ['a time to come', { now: () => NOW - 61_000 }, right, 'RequestTime is 61 s ahead of this clock'],
  ])('names %s', async (_, options, parts, message) => {
    await expect(verify(options, parts)).rejects.toThrow(message);
  });
});

describe('maxSkewMs', () => {
  it.each([1, -1])(
    'lets a request of exactly that age in, and none a millisecond beyond (%s)',
    async (side) => {
      await verify({ now: () => NOW + side * 60_000 });
      await expect(verify({ now: () => NOW + side * 60_001 })).rejects.toEqual(coded('request_expired'));
      await verify({ maxSkewMs: 5, now: () => NOW + side * 5 });
      await expect(verify({ maxSkewMs: 5, now: () => NOW + side * 6 })).rejects.toEqual(
        coded('request_expired'),
      );
    },
  );

  it('lets nobody in while the clock gives no number', async () => {
    await expect(verify({ now: () => Number.NaN })).rejects.toEqual(coded('request_expired'));
  });
});

describe('allowFrom', () => {
  it('refuses an address before anything else is looked at', async () => {
    const allowFrom = ['192.0.2.0/24'];
    await verify({ allowFrom }, {}, { address: '192.0.2.9' });
    await expect(verify({ allowFrom }, { SdkAppid: '1' }, { address: '203.0.113.1' })).rejects.toEqual(
      coded('address_refused'),
    );
    await expect(verify({ allowFrom })).rejects.toEqual(coded('address_refused'));
  });

  it('lets nobody in by a check that gives a promise', async () => {
    const allowFrom: unknown = async () => true;
    await expect(verify({ allowFrom: allowFrom as () => boolean })).rejects.toEqual(coded('address_refused'));
  });
});
