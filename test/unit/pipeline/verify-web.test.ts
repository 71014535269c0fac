/** The signature where hashing is asynchronous: on runtimes without Node's built-ins. */

import { describe, expect, it, vi } from 'vitest';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import vectors from '../../fixtures/sign-vectors.json' with { type: 'json' };
import { APP, baseOptions, queryOf, requestOf, signedQueryFor, TOKEN } from '../../support/requests.js';

vi.mock('#platform', () => import('../../../src/platform/web.js'));

describe('a receiver on the web platform', () => {
  it.each(vectors)('trusts token $token at $time', async ({ token, time, sign }) => {
    const handler = new CallbackHandler({
      ...baseOptions,
      token: ['other', token],
      now: () => Number(time) * 1000,
    });
    const query = queryOf({ SdkAppid: APP, CallbackCommand: 'My.Command', Sign: sign, RequestTime: time });
    for (const _ of ['first', 'remembered']) {
      expect((await handler.receive(requestOf(query, new TextEncoder().encode('{"a":"中"}')))).status).toBe(
        200,
      );
    }
  });

  it('trusts a token that is remembered beside one that is new', async () => {
    let tokens = [TOKEN];
    const handler = new CallbackHandler({ ...baseOptions, token: () => tokens });
    const query = await signedQueryFor('My.Command');
    expect((await handler.receive(requestOf(query, '{"a":1}'))).status).toBe(200);
    tokens = ['new', TOKEN];
    expect((await handler.receive(requestOf(query, '{"a":1}'))).status).toBe(200);
  });

  it('trusts nobody with another token', async () => {
    const handler = new CallbackHandler(baseOptions);
    const query = await signedQueryFor('My.Command', {}, { token: 'wrong' });
    expect((await handler.receive(requestOf(query, '{"a":1}'))).status).toBe(401);
  });
});
