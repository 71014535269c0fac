import { describe, expect, it } from 'vitest';
import {
  CALLBACK_ERROR_CODES,
  CallbackError,
  type CallbackErrorCode,
  ConfigurationError,
  isCallbackError,
  isClientError,
} from '../../../src/base/errors.js';
import table from '../../fixtures/error-table.json' with { type: 'json' };

describe('CallbackError', () => {
  it('knows exactly the codes of the table, in its order', () => {
    expect(CALLBACK_ERROR_CODES).toEqual(table.map(({ code }) => code));
  });

  it.each(table)('answers $code with $status and $errorCode', ({ code, status, errorCode }) => {
    const error = new CallbackError(code as CallbackErrorCode);
    expect(error).toMatchObject({ code, status, errorCode, name: 'CallbackError' });
    expect(error.message).toMatch(new RegExp(`^${code}: .`));
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });

  it('takes another status into its ErrorCode', () => {
    expect(new CallbackError('body_unreadable', { status: 408 })).toMatchObject({
      status: 408,
      errorCode: 40810,
    });
  });

  it('says what it is told after the code and keeps the cause out of the message', () => {
    const cause = new Error('secret');
    const error = new CallbackError('internal', { message: 'said', cause });
    expect(error.message).toBe('internal: said');
    expect(error.cause).toBe(cause);
  });

  it('passes coded errors through and wraps everything else', () => {
    const coded = new CallbackError('closing');
    expect(CallbackError.from(coded, 'internal')).toBe(coded);
    for (const thrown of [null, undefined, 'text', 0, new Error('x'), { code: 'closing' }]) {
      const wrapped = CallbackError.from(thrown, 'queue_failed');
      expect(wrapped.code).toBe('queue_failed');
      expect(wrapped.cause).toBe(thrown);
    }
  });

  it('is recognised by its brand, also when another copy made it', () => {
    expect(isCallbackError({ [Symbol.for('qcloud-im-callback.error')]: true })).toBe(true);
    for (const other of [null, undefined, 'closing', new Error('closing'), { code: 'closing' }]) {
      expect(isCallbackError(other)).toBe(false);
    }
  });

  it('lies with the request below 500 only', () => {
    expect(isClientError(new CallbackError('app_unknown'))).toBe(true);
    expect(isClientError(new CallbackError('handler_failed'))).toBe(false);
  });
});

describe('ConfigurationError', () => {
  it('starts its message with its code and carries a cause only where there is one', () => {
    const plain = new ConfigurationError('option_invalid', 'wrong');
    expect(plain).toMatchObject({ name: 'ConfigurationError', message: 'option_invalid: wrong' });
    expect(Object.hasOwn(plain, 'cause')).toBe(false);
    expect(new ConfigurationError('schema_invalid', 'wrong', 'why').cause).toBe('why');
  });
});
