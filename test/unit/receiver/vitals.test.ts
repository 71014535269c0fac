import { describe, expect, it } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { MAX_POSITIONS } from '../../../src/observe/message.js';
import { REFUSALS_MS, Vitals } from '../../../src/receiver/vitals.js';

describe('the refusals of a receiver', () => {
  it('are counted for a minute, and the commonest code is named', () => {
    let now = 5_000;
    const vitals = new Vitals(() => now);
    expect(vitals.refusals()).toEqual({ count: 0, code: undefined });
    vitals.refused(new CallbackError('signature_invalid'));
    vitals.refused(new CallbackError('request_expired'));
    now += 30_000;
    vitals.refused(new CallbackError('request_expired'));
    expect(vitals.refusals()).toEqual({ count: 3, code: 'request_expired' });
    vitals.refused(new CallbackError('signature_invalid'));
    vitals.refused(new CallbackError('signature_invalid'));
    expect(vitals.refusals()).toEqual({ count: 5, code: 'signature_invalid' });
    now += REFUSALS_MS - 30_000;
    expect(vitals.refusals()).toEqual({ count: 3, code: 'signature_invalid' });
    now += REFUSALS_MS;
    expect(vitals.refusals()).toEqual({ count: 0, code: undefined });
  });
});

describe('the use of tokens', () => {
  it('is counted by position, up to a bound, and not where no token is wanted', () => {
    const vitals = new Vitals();
    for (const position of [0, 2, 2, undefined, MAX_POSITIONS, -0]) vitals.trusted(7, position);
    expect(vitals.tokens()).toEqual([2, 0, 2]);
    expect(new Vitals().tokens()).toEqual([]);
    expect(vitals.lastTrustedAt).toBe(7);
  });
});
