import { describe, expect, it, vi } from 'vitest';
import { CALLBACK_ERROR_CODES, CallbackError } from '../../../src/base/errors.js';
import { QUIET_MS, Refusals } from '../../../src/receiver/refusals.js';

function setUp() {
  const clock = { now: 0 };
  const warn = vi.fn();
  const refusals = new Refusals(warn, () => clock.now);
  return { clock, warn, refusals, lines: () => warn.mock.calls.map(([, line]: unknown[]) => line) };
}

describe('warnings of strangers', () => {
  it('come once a minute for each code, with a count of those held back', () => {
    const { clock, refusals, lines } = setUp();
    for (const now of [0, 1, QUIET_MS - 1, QUIET_MS, QUIET_MS + 1]) {
      clock.now = now;
      refusals.note(new CallbackError('signature_invalid'));
    }
    expect(lines()).toEqual([
      'a callback was refused: signature_invalid: Sign fits no token: is it the token in the console, of this app, without blanks at its ends?',
      '3 callbacks since the last warning were refused: signature_invalid: Sign fits no token: is it the token in the console, of this app, without blanks at its ends?',
    ]);
    refusals.note(new CallbackError('app_unknown'));
    expect(lines()).toHaveLength(3);
  });

  it('ask nothing where the error says it all', () => {
    const { refusals, lines } = setUp();
    refusals.note(new CallbackError('signature_invalid', { message: 'RequestTime has 13 digits' }));
    expect(lines()).toEqual(['a callback was refused: signature_invalid: RequestTime has 13 digits']);
  });

  it('say what the error says where there is nothing else to look at, and hand its cause on', () => {
    const { refusals, warn } = setUp();
    const cause = new Error('away');
    refusals.note(new CallbackError('internal', { cause }));
    expect(warn.mock.calls).toEqual([
      [
        { code: 'internal', count: 1, err: cause },
        'a callback was refused: internal: a bug of qcloud-im-callback',
      ],
    ]);
  });

  it('are as many as there are codes in a minute, however many are refused', () => {
    const { refusals, warn } = setUp();
    for (let request = 0; request < 1_000; request++)
      for (const code of CALLBACK_ERROR_CODES) refusals.note(new CallbackError(code));
    expect(warn).toHaveBeenCalledTimes(CALLBACK_ERROR_CODES.length);
  });
});
