import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/protocol/commands.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody, sampleEvent, signedQuery } from '../../../src/testing/kit.js';
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

describe('sampleBody', () => {
  it('is yours to change', () => {
    const body = sampleBody(AFTER);
    body['GroupId'] = 'changed';
    expect(sampleBody(AFTER)['GroupId']).not.toBe('changed');
  });
});

describe('sampleEvent', () => {
  it.each(COMMANDS.map(({ name }) => name))('of %s is a checked event', (name) => {
    expect(sampleEvent(name)).toMatchObject({
      command: name,
      known: true,
      issues: [],
      sdkAppId: '1400000000',
    });
  });

  it('takes what differs', () => {
    const { signal } = new AbortController();
    const event = sampleEvent(AFTER, {
      body: { GroupId: 12 },
      sdkAppId: 7,
      platform: 'ios',
      clientIp: '::1',
      receivedAt: new Date(5),
      id: 'i',
      attempt: 3,
      signal: () => signal,
    });
    expect(event).toMatchObject({
      sdkAppId: '7',
      platform: 'iOS',
      clientIp: '::1',
      receivedAt: new Date(5),
      id: 'i',
      attempt: 3,
    });
    expect(event.body.GroupId).toBe('12');
    expect(event.signal).toBe(signal);
  });

  it('does not make an event that no receiver would hand out', () => {
    expect(() => sampleEvent(AFTER, { body: { GroupId: {} } })).toThrow(
      'body_invalid: /GroupId must be string',
    );
  });
});
