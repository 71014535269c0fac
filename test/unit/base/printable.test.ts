import { expect, it } from 'vitest';
import { printable } from '../../../src/base/printable.js';

it('writes control characters out, and leaves all others', () => {
  expect(printable('a\nb\u001b[31m\u2028\u2029\u007f\u009f\u0000')).toBe(
    'a\\u000ab\\u001b[31m\\u2028\\u2029\\u007f\\u009f\\u0000',
  );
  expect(printable('C2C.CallbackBeforeSendMsg ~ 张三 😀')).toBe('C2C.CallbackBeforeSendMsg ~ 张三 😀');
});
