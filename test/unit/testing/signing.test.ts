import { describe, expect, it } from 'vitest';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing/samples.js';
import { signedQuery } from '../../../src/testing/signing.js';
import { requestOf } from '../../support/requests.js';

const AFTER = 'Group.CallbackAfterSendMsg';

describe('signedQuery', () => {
  it('passes a receiver whose clock is the real one', async () => {
    const handler = new CallbackHandler({ sdkAppId: 7, token: 't', logger: false });
    const query = await signedQuery({ token: 't', sdkAppId: 7, command: AFTER });
    expect((await handler.receive(requestOf(query, JSON.stringify(sampleBody(AFTER))))).status).toBe(200);
    const wrong = await signedQuery({ token: 'u', sdkAppId: 7, command: AFTER });
    expect((await handler.receive(requestOf(wrong))).status).toBe(401);
  });

  it('says what it is told, and leaves out a signature without a token', async () => {
    const query = new URLSearchParams(
      await signedQuery({
        token: 't',
        sdkAppId: '8',
        command: 'x y',
        requestTime: 12,
        platform: 'Web',
        clientIp: '::1',
        requestId: 'r',
      }),
    );
    expect(Object.fromEntries(query)).toMatchObject({
      SdkAppid: '8',
      CallbackCommand: 'x y',
      RequestTime: '12',
      OptPlatform: 'Web',
      ClientIP: '::1',
      RequestID: 'r',
    });
    const unsigned = new URLSearchParams(await signedQuery({ sdkAppId: 8, command: AFTER }));
    expect([...unsigned.keys()]).toEqual([
      'SdkAppid',
      'CallbackCommand',
      'contenttype',
      'ClientIP',
      'OptPlatform',
    ]);
  });
});
