import { describe, expect, it } from 'vitest';
import { memoryDedupeStore } from '../../../src/dedupe/memory-store.js';
import { consoleLogger, silentLogger } from '../../../src/options/logger.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import { resolveOptions } from '../../../src/options/resolve.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';

const good = { sdkAppId: 1, token: 't' } as const;

/** Resolves options as JavaScript users may write them. */
function resolve(options: Record<string, unknown>) {
  return resolveOptions({ ...good, ...options } as unknown as QcloudImOptions);
}

describe('defaults', () => {
  it('are what the comments say', () => {
    const { onFailure, ...rest } = resolve({});
    expect(onFailure('C2C.CallbackBeforeSendMsg')).toBe('status');
    expect(rest).toEqual({
      apps: new Set(['1']),
      token: ['t'],
      path: undefined,
      bodyLimit: 1_048_576,
      maxSkewMs: 60_000,
      deadlineMs: 1_800,
      acceptInvalid: false,
      allowFrom: undefined,
      dedupe: undefined,
      logger: consoleLogger,
      lines: undefined,
      observe: undefined,
      drift: 100,
      onInvalid: undefined,
      onError: undefined,
      now: Date.now,
    });
  });

  it('stand in for undefined', () => {
    const names = [
      'path',
      'bodyLimit',
      'maxSkewMs',
      'deadlineMs',
      'invalidBody',
      'allowFrom',
      'dedupe',
      'logger',
    ];
    const undefinedOnes = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(resolve(undefinedOnes)).toEqual({ ...resolve({}), onFailure: expect.any(Function) });
  });

  it('are frozen', () => {
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });
});

describe('token', () => {
  it.each([[undefined], [''], [[]], [['t', '']], [[undefined]], [null], [7], [true], [{}]])(
    'refuses %j and names token: false',
    (token) => {
      expect(() => resolve({ token })).toThrow(/^token_missing: .*token: false/);
    },
  );

  it.each([
    [undefined, 'got undefined: is the variable set?'],
    ['', 'got an empty text: is the variable set?'],
    [['t', ''], 'got an empty text: is the variable set?'],
    [[], 'got an empty list'],
    [7, 'got something else'],
  ])('%j is answered with what it is: %s', (token, text) => {
    expect(() => resolve({ token })).toThrow(text);
  });

  it.each([[' t'], ['t\n'], [['t', 'u\t']]])('refuses %j, whose blanks no console shows', (token) => {
    expect(() => resolve({ token })).toThrow(
      'option_invalid: token must be written without blanks at its ends',
    );
  });

  it('refuses a missing key', () => {
    expect(() => resolveOptions({ sdkAppId: 1 } as unknown as QcloudImOptions)).toThrow(/^token_missing/);
  });

  it("is a copy of the caller's list", () => {
    const token = ['a', 'b'];
    const resolved = resolve({ token });
    token.push('c');
    expect(resolved.token).toEqual(['a', 'b']);
  });

  it('takes false and a look-up as they are', () => {
    const lookUp = () => 't';
    expect(resolve({ token: false }).token).toBe(false);
    expect(resolve({ token: lookUp }).token).toBe(lookUp);
  });
});

describe('sdkAppId', () => {
  it.each([[undefined], [''], [Number.NaN], [[]], [[1, undefined]], ['x'], [-1], [1.5], [null], [' 1']])(
    'refuses %j and says what to write',
    (sdkAppId) => {
      expect(() => resolve({ sdkAppId })).toThrow(/^app_id_missing: .* or false/);
    },
  );

  it.each([
    [undefined, 'got undefined: is the variable set?'],
    [Number.NaN, 'got NaN: is the variable set?'],
    [['1', ''], 'got an empty text: is the variable set?'],
    ['x', 'got something else'],
  ])('%j is answered with what it is: %s', (sdkAppId, text) => {
    expect(() => resolve({ sdkAppId })).toThrow(text);
  });

  it('takes numbers and texts alike, and false for any app', () => {
    expect(resolve({ sdkAppId: [1, '2'] }).apps).toEqual(new Set(['1', '2']));
    expect(resolve({ sdkAppId: '3' }).apps).toEqual(new Set(['3']));
    expect(resolve({ sdkAppId: false }).apps).toBeUndefined();
  });
});

describe('numbers', () => {
  it.each(['bodyLimit', 'maxSkewMs', 'deadlineMs'])('refuses a %s that cannot work and names it', (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7', null, 2 ** 53]) {
      expect(() => resolve({ [name]: value })).toThrow(
        `option_invalid: ${name} must be a whole number from 1 to`,
      );
    }
    expect(resolve({ [name]: 1 })).toMatchObject({ [name]: 1 });
  });

  it('refuses a deadline past the time that the vendor waits, and says why', () => {
    expect(() => resolve({ deadlineMs: 2_001 })).toThrow(
      'option_invalid: deadlineMs must be at most 2000: the vendor waits no longer for an answer',
    );
    expect(resolve({ deadlineMs: 2_000 }).deadlineMs).toBe(2_000);
  });
});

describe('onFailure', () => {
  const BEFORE = 'C2C.CallbackBeforeSendMsg';

  it.each(['status', 'allow', 'refuse'] as const)('takes %s for all commands', (policy) => {
    expect(resolve({ onFailure: policy }).onFailure(BEFORE)).toBe(policy);
  });

  it('takes a policy per before-command; the others keep status', () => {
    const { onFailure } = resolve({ onFailure: { [BEFORE]: 'allow' } });
    expect(onFailure(BEFORE)).toBe('allow');
    expect(onFailure('Group.CallbackBeforeSendMsg')).toBe('status');
    expect(onFailure('constructor')).toBe('status');
  });

  it.each([
    ['deny', 'onFailure must be'],
    [{ [BEFORE]: 'deny' }, `onFailure["${BEFORE}"] must be "status"`],
    [{ 'Group.CallbackAfterSendMsg': 'allow' }, 'must be a before-callback'],
    [{ 'My.Command': 'allow' }, 'onFailure["My.Command"] must be a before-callback'],
  ])('refuses %j', (onFailure, message) => {
    expect(() => resolve({ onFailure })).toThrow(message);
  });
});

describe('dedupe', () => {
  it('keeps answers for ten minutes unless told otherwise', () => {
    const store = memoryDedupeStore();
    expect(resolve({ dedupe: { store } }).dedupe).toEqual({ store, ttlMs: 600_000 });
    expect(resolve({ dedupe: { store, ttlMs: 5 } }).dedupe?.ttlMs).toBe(5);
  });

  it.each([{}, { store: null }, { store: { get() {} } }, { store: { set() {} } }])('refuses %j', (dedupe) => {
    expect(() => resolve({ dedupe })).toThrow(/^option_invalid: dedupe.store must be/);
  });

  it('refuses a time that cannot work', () => {
    expect(() => resolve({ dedupe: { store: memoryDedupeStore(), ttlMs: 0 } })).toThrow('dedupe.ttlMs');
  });
});

describe('everything else', () => {
  it.each([[undefined], [null], ['x']])('refuses %j for options', (options) => {
    expect(() => resolveOptions(options as unknown as QcloudImOptions)).toThrow(
      /^option_invalid: qcloudIm takes its options as an object/,
    );
  });

  it.each(['im/callback', '', 7, null])('refuses the path %j', (path) => {
    expect(() => resolve({ path })).toThrow(/^option_invalid: path/);
  });

  it('takes a path that begins with a slash', () => {
    expect(resolve({ path: '/im' }).path).toBe('/im');
  });

  it('knows two ways to treat invalid bodies', () => {
    expect(resolve({ invalidBody: 'accept' }).acceptInvalid).toBe(true);
    expect(resolve({ invalidBody: 'refuse' }).acceptInvalid).toBe(false);
    expect(() => resolve({ invalidBody: 'drop' })).toThrow(/^option_invalid: invalidBody/);
  });

  it('takes a whole logger, false for none, and nothing less', () => {
    expect(resolve({ logger: false }).logger).toBe(silentLogger);
    expect(resolve({ logger: console }).logger).toBe(console);
    expect(resolve({ logger: 'pretty' }).logger.debug.length).toBe(2);
    const { debug, warn, error } = silentLogger;
    for (const given of [undefined, false] as const) expect(resolve({ logger: given }).lines).toBeUndefined();
    for (const given of [console, 'pretty'] as const) {
      const { logger, lines } = resolve({ logger: given });
      expect(lines).toBe(logger);
    }
    for (const logger of [null, true, 'colours', {}, { debug, warn }, { warn, error }, { debug, error }]) {
      expect(() => resolve({ logger })).toThrow(/^option_invalid: logger/);
    }
  });

  it.each(['onInvalid', 'onError', 'observe', 'now'])('takes only a function for %s', (name) => {
    const given = () => 0;
    expect(resolve({ [name]: given })).toMatchObject({ [name]: given });
    expect(() => resolve({ [name]: 'x' })).toThrow(`option_invalid: ${name} must be a function`);
  });
});

describe('queue and fallback', () => {
  it.each([
    ['queue', null],
    ['queue', {}],
    ['fallback', { ...memoryQueue(), close: undefined }],
    ['fallback', memoryQueue],
  ])('refuse what is no queue: %s', (name, value) => {
    expect(() => resolve({ [name]: value })).toThrow(new RegExp(`^option_invalid: ${name} must be a queue`));
  });

  it('are two queues', () => {
    const queue = memoryQueue();
    expect(() => resolve({ queue, fallback: queue })).toThrow(
      'option_invalid: fallback must be another queue than queue',
    );
    expect(() => resolve({ queue, fallback: memoryQueue() })).not.toThrow();
    expect(() => resolve({ queue: undefined, fallback: undefined })).not.toThrow();
  });
});

describe('names', () => {
  it.each([
    ['handler', '; did you mean handlers?'],
    ['maxSkew', '; did you mean maxSkewMs?'],
    ['Token', '; did you mean token?'],
    ['colour', ''],
  ])('refuses the option %s%s', (name, meant) => {
    expect(() => resolve({ [name]: 1 })).toThrow(`option_unknown: qcloudIm has no option ${name}${meant}`);
  });

  it('refuses an unknown name of dedupe', () => {
    const store = memoryDedupeStore();
    expect(() => resolve({ dedupe: { store, ttl: 5 } })).toThrow(
      'option_unknown: dedupe has no option ttl; did you mean ttlMs?',
    );
  });
});
