import { describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/base/deadline.js';
import { REMEMBER_MS, TokenLookups } from '../../../src/pipeline/token-lookup.js';

/** Look-ups of apps 1 to `apps`, whose clock the test moves. */
function setUp(lookUp: (app: string) => string | undefined | Promise<string | undefined>, apps = 2) {
  const clock = { now: 0 };
  const token = vi.fn(lookUp);
  const ids = new Set(Array.from({ length: apps }, (_, index) => String(index + 1)));
  const lookups = new TokenLookups({ token, apps: apps === 0 ? undefined : ids, now: () => clock.now });
  const tokensOf = async (app: string) => {
    const deadline = new Deadline(10_000, () => undefined);
    try {
      return await lookups.tokensOf(app, deadline);
    } finally {
      deadline.end();
    }
  };
  return { token, clock, tokensOf };
}

describe('a look-up of tokens', () => {
  it('is shared by all who ask for an app while it is under way', async () => {
    let found = (_token: string): void => undefined;
    const { token, tokensOf } = setUp(
      () =>
        new Promise((resolve) => {
          found = resolve;
        }),
    );
    const asked = [tokensOf('1'), tokensOf('1'), tokensOf('1')];
    found('a');
    expect(await Promise.all(asked)).toEqual([['a'], ['a'], ['a']]);
    expect(token).toHaveBeenCalledTimes(1);
  });

  it('is remembered for a moment, also that an app is unknown', async () => {
    const { token, clock, tokensOf } = setUp((app) => (app === '1' ? 'a' : undefined));
    for (const now of [0, REMEMBER_MS - 1]) {
      clock.now = now;
      expect(await tokensOf('1')).toEqual(['a']);
      await expect(tokensOf('2')).rejects.toMatchObject({ code: 'app_unknown' });
    }
    expect(token.mock.calls).toEqual([['1'], ['2']]);
    clock.now = REMEMBER_MS;
    expect(await tokensOf('1')).toEqual(['a']);
    expect(token).toHaveBeenCalledTimes(3);
  });

  it('that failed is asked again at once', async () => {
    let away = true;
    const { token, tokensOf } = setUp(async () => {
      if (away) throw new Error('away');
      return 'a';
    });
    await expect(tokensOf('1')).rejects.toMatchObject({ code: 'token_unavailable' });
    away = false;
    expect(await tokensOf('1')).toEqual(['a']);
    expect(token).toHaveBeenCalledTimes(2);
  });

  it('that does not settle is asked again once it is late, by one request at a time, and told to nobody', async () => {
    const settle: ((token: string) => void)[] = [];
    const lookUp = vi.fn(() => new Promise<string>((resolve) => settle.push(resolve)));
    const lookups = new TokenLookups({ token: lookUp, apps: undefined, now: () => 0 });
    const onLate = vi.fn();
    const ask = (ms: number) => lookups.tokensOf('1', new Deadline(ms, onLate));
    const first = ask(20);
    const joined = ask(60);
    await expect(first).rejects.toMatchObject({ code: 'token_unavailable' });
    const again = ask(10_000);
    expect(lookUp).toHaveBeenCalledTimes(2);
    await expect(joined).rejects.toMatchObject({ code: 'token_unavailable' });
    // The late one has waited for another look-up than this.
    const shared = ask(10_000);
    expect(lookUp).toHaveBeenCalledTimes(2);
    settle[1]?.('a');
    expect(await Promise.all([again, shared])).toEqual([['a'], ['a']]);
    settle[0]?.('old');
    await Promise.resolve();
    expect(onLate).not.toHaveBeenCalled();
  });

  it('never sees an app id that is no digits', async () => {
    const { token, tokensOf } = setUp(() => 'a', 0);
    for (const app of ['x', '1 ', '1\n', '-1', '1.5', '１'])
      await expect(tokensOf(app)).rejects.toMatchObject({ code: 'app_unknown' });
    expect(token).not.toHaveBeenCalled();
  });

  it('is not made for a hundred apps because a request names none', async () => {
    const { token, tokensOf } = setUp(() => 'a', 100);
    await expect(tokensOf('')).rejects.toMatchObject({ code: 'query_invalid' });
    expect(token).not.toHaveBeenCalled();
    const few = setUp((app) => `token ${app}`, 3);
    for (let request = 0; request < 5; request++)
      expect(await few.tokensOf('')).toEqual(['token 1', 'token 2', 'token 3']);
    expect(few.token).toHaveBeenCalledTimes(3);
  });

  it('tells what was thrown without its control characters', async () => {
    const { tokensOf } = setUp(() => {
      throw new Error('no app\n2026-01-01 ERROR forged\u001b[31m\u2028');
    });
    await expect(tokensOf('1')).rejects.toMatchObject({
      cause: { message: 'Error: no app\\u000a2026-01-01 ERROR forged\\u001b[31m\\u2028' },
    });
  });

  it('remembers no more apps than a bound', async () => {
    const { token, tokensOf } = setUp(() => 'a', 0);
    for (let app = 1; app <= 1_001; app++) await tokensOf(String(app));
    await tokensOf('1001');
    expect(token).toHaveBeenCalledTimes(1_001);
    await tokensOf('1');
    expect(token).toHaveBeenCalledTimes(1_002);
  });
});
