/** What holds for every answer to a hostile request, and for the next good request after it. */

import { expect } from 'vitest';
import { CALLBACK_ERROR_CODES } from '../../../src/index.js';
import { sampleBody } from '../../../src/testing.js';
import { signedQueryFor } from '../../support/requests.js';
import { answerOf, exchange, type RawAnswer, requestBytes } from '../../support/sockets.js';
import { TOKEN } from './receivers.js';

/** A command that the receiver answers by default. */
export const MESSAGE = 'C2C.CallbackBeforeSendMsg';

/** Stands in every generated query and body; answers must never hold it. */
export const MARKER = 'echoed-by-mistake';

/** A signed query for the process that is attacked, whose clock is the real one. */
export const sign = (command: string, more?: Readonly<Record<string, string | undefined>>): Promise<string> =>
  signedQueryFor(command, more, { token: TOKEN, time: String(Math.floor(Date.now() / 1000)) });

/** Nothing an answer says helps who sent it. */
export function checkSecrets(answer: RawAnswer): void {
  const text = answer.body.toString();
  for (const secret of [TOKEN, MARKER, 'node_modules', '.ts:']) expect(text).not.toContain(secret);
}

/** Checks the form of an answer, and that status, code and number belong together. */
export function checkForm(answer: RawAnswer): void {
  const { ErrorCode, ErrorInfo, ActionStatus } = answerOf(answer);
  if (answer.status === 200) {
    expect(ActionStatus).toBe('OK');
    return;
  }
  const code = /^([a-z_]+): /.exec(String(ErrorInfo))?.[1];
  const number = (CALLBACK_ERROR_CODES as readonly unknown[]).indexOf(code) + 1;
  expect(number).toBeGreaterThan(0);
  expect({ ActionStatus, ErrorCode }).toEqual({
    ActionStatus: 'FAIL',
    ErrorCode: answer.status * 100 + number,
  });
}

/** The next good request is served. */
export async function expectService(port: number): Promise<void> {
  const target = `/im?${await sign(MESSAGE)}`;
  const answer = await exchange(port, requestBytes(target, JSON.stringify(sampleBody(MESSAGE))));
  expect(answer.status).toBe(200);
  expect(answerOf(answer)).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
}
