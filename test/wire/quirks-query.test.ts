/** Quirks of queries and of the console's URL check: protocol.md sections 1.2, 1.3, 5 and 11. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { type ExpressReceiver, startExpressReceiver } from '../support/express-receiver.js';
import { APP, queryOf, REQUEST_TIME, signedQueryFor, TOKEN } from '../support/requests.js';

let receiver: ExpressReceiver;
beforeAll(async () => {
  receiver = await startExpressReceiver();
});
afterAll(() => receiver.close());

/** Sends the sample of a command with a changed query, and gives the event. */
async function eventOf(command: Command, more: Readonly<Record<string, string | undefined>>) {
  const { status, event } = await receiver.send(command, sampleBody(command), more);
  expect({ status, command: event?.command }).toEqual({ status: 200, command });
  return event;
}

const ONLY_TWO = { ClientIP: undefined, OptPlatform: undefined };

describe('1.2: OptPlatform', () => {
  it.each([
    ['IOS', 'iOS'],
    ['iOs', 'iOS'],
    ['IPad', 'iPad'],
    ['macOS', 'Mac'],
    ['Unkown', 'Unknown'],
    ['miniProgram', 'miniProgram'],
  ])('takes %s and gives handlers %s', async (OptPlatform, platform) => {
    const event = await eventOf('C2C.CallbackBeforeSendMsg', { OptPlatform });
    expect(event?.platform).toBe(platform);
    expect(event?.params.OptPlatform).toBe(OptPlatform);
  });
});

describe('1.3: commands whose query differs', () => {
  it('takes Alert.RequestOverLimit without ClientIP', async () => {
    const event = await eventOf('Alert.RequestOverLimit', { ClientIP: undefined });
    expect(event?.clientIp).toBe('');
    expect(event?.platform).toBe('iOS');
  });

  it.each([
    'Push.OfflinePush',
    'Push.AllMemberPush',
    'ContentCallback.ResultNotify',
    'Group.CallbackOnMemberStateChange',
    'Live.CallbackAfterChangeOwner',
    'Live.CallbackAfterModifyAdmin',
  ] as const)('takes %s with SdkAppid, CallbackCommand and contenttype alone', async (command) => {
    const event = await eventOf(command, ONLY_TWO);
    expect([event?.clientIp, event?.platform]).toEqual(['', '']);
  });

  it.each([undefined, '198.51.100.4'])(
    'takes Group.CallbackSendMsgException with ClientIP %s',
    async (ClientIP) => {
      const event = await eventOf('Group.CallbackSendMsgException', { ClientIP });
      expect(event?.clientIp).toBe(ClientIP ?? '');
    },
  );

  it.each(['Desk.SessionEventNotify', 'Member.EventNotify'] as const)(
    'takes RequestID of %s as the key against repetitions',
    async (command) => {
      const event = await eventOf(command, { RequestID: 'c0ffee00-0000-4000-8000-000000000001' });
      expect(event?.params.RequestId).toBe('c0ffee00-0000-4000-8000-000000000001');
      expect(event?.dedupeKey).toContain('c0ffee00-0000-4000-8000-000000000001');
    },
  );

  it('takes Member.EventNotify without the OptPlatform that only its sample has', async () => {
    const event = await eventOf('Member.EventNotify', { OptPlatform: undefined });
    expect(event?.platform).toBe('');
  });

  it.each(['SdkAppId', 'SDKAppID', 'sdkappid'])('takes the app id under the name %s', async (name) => {
    const event = await eventOf('Group.CallbackAfterGroupMsgExtension', { SdkAppid: undefined, [name]: APP });
    expect(event?.sdkAppId).toBe(APP);
  });

  it('lets the WebhookCommand of a translated table neither replace nor disturb CallbackCommand', async () => {
    await eventOf('Live.CallbackAfterCreateRoom', { WebhookCommand: 'Live.CallbackAfterDestroyRoom' });
    const { status, answer, event } = await receiver.send(
      'Live.CallbackAfterCreateRoom',
      sampleBody('Live.CallbackAfterCreateRoom'),
      { CallbackCommand: undefined, WebhookCommand: 'Live.CallbackAfterCreateRoom' },
    );
    expect(status).toBe(400);
    expect(answer['ErrorInfo']).toMatch(/^query_invalid: /);
    expect(event).toBeUndefined();
  });

  it('takes empty values of ClientIP and OptPlatform', async () => {
    const event = await eventOf('C2C.CallbackBeforeSendMsg', { ClientIP: '', OptPlatform: '' });
    expect([event?.clientIp, event?.platform]).toEqual(['', '']);
  });

  it('takes ClientIP without even an equals sign', async () => {
    const query = await signedQueryFor('C2C.CallbackBeforeSendMsg', ONLY_TWO);
    const body = JSON.stringify(sampleBody('C2C.CallbackBeforeSendMsg'));
    const { status, event } = await receiver.post(`${query}&ClientIP&OptPlatform`, body);
    expect(status).toBe(200);
    expect([event?.clientIp, event?.platform]).toEqual(['', '']);
  });
});

describe('11: the query in real traffic', () => {
  it.each(['RequestID', 'RequestId'])('reads the undocumented request id spelled %s', async (name) => {
    const id = '1739000000-144115200000000001-Login-Register';
    const event = await eventOf('State.StateChange', { [name]: id });
    expect(event?.params.RequestId).toBe(id);
    expect(event?.dedupeKey).toBe(JSON.stringify([APP, 'State.StateChange', id]));
  });

  it('tells occurrences apart by request id, then MsgKey, then GroupId and MsgSeq', async () => {
    const more = { RequestID: 'r-1' };
    const byRequest = await eventOf('C2C.CallbackAfterSendMsg', more);
    expect(JSON.parse(byRequest?.dedupeKey ?? '')).toEqual([APP, 'C2C.CallbackAfterSendMsg', 'r-1']);
    const c2c = sampleBody('C2C.CallbackAfterSendMsg');
    const byKey = await eventOf('C2C.CallbackAfterSendMsg', {});
    expect(JSON.parse(byKey?.dedupeKey ?? '')).toContain(c2c['MsgKey']);
    const group = sampleBody('Group.CallbackAfterSendMsg');
    const bySeq = await eventOf('Group.CallbackAfterSendMsg', {});
    expect(JSON.parse(bySeq?.dedupeKey ?? '')).toEqual(
      expect.arrayContaining([group['GroupId'], group['MsgSeq']]),
    );
  });

  it('never takes Sign, which all requests of a second share, for a key', async () => {
    const query = await signedQueryFor('Group.CallbackAfterSendMsg');
    const signature = new URLSearchParams(query).get('Sign') ?? 'no Sign';
    const keys: (string | undefined)[] = [];
    for (const MsgSeq of [7, 8]) {
      const body = { ...sampleBody('Group.CallbackAfterSendMsg'), MsgSeq };
      keys.push((await receiver.post(query, JSON.stringify(body))).event?.dedupeKey);
    }
    expect(new Set(keys).size).toBe(2);
    expect(keys.join()).not.toContain(signature);
  });

  it('finds SdkAppid in the query alone', async () => {
    expect(sampleBody('C2C.CallbackAfterSendMsg')).not.toHaveProperty('SdkAppid');
    const event = await eventOf('C2C.CallbackAfterSendMsg', {});
    expect(event?.sdkAppId).toBe(APP);
  });

  it.each([
    ['missing', { contenttype: undefined }, ''],
    ['spelled contentType', { contenttype: undefined, contentType: 'json' }, 'json'],
    ['JSON in capitals', { contenttype: 'JSON' }, 'JSON'],
  ])('takes a content type that is %s', async (_, more, seen) => {
    const event = await eventOf('C2C.CallbackAfterSendMsg', more);
    expect(event?.params.ContentType).toBe(seen);
  });

  it('takes OptPlatform IOS outside of State.StateChange', async () => {
    const event = await eventOf('Group.CallbackAfterSendMsg', { OptPlatform: 'IOS' });
    expect(event?.platform).toBe('iOS');
  });
});

describe('5 and 11: the console tries the URL', () => {
  const bodies = ['', '{}', ' {\r\n} '];
  const queries = [
    ['all parameters', {}],
    ['no CallbackCommand', { CallbackCommand: undefined }],
    ['an empty CallbackCommand', { CallbackCommand: '' }],
    ['no SdkAppid', { SdkAppid: undefined }],
    ['neither of the two', { CallbackCommand: undefined, SdkAppid: undefined }],
  ] as const;

  it.each(queries)('answers OK at once to nothing or {} with %s, and runs no handler', async (_, more) => {
    for (const body of bodies) {
      const outcome = await receiver.send('C2C.CallbackBeforeSendMsg', body, more);
      expect(outcome).toEqual({
        status: 200,
        answer: { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' },
        event: undefined,
        unhandled: undefined,
        refusal: undefined,
      });
    }
  });

  it.each(bodies)('lets nobody in who has not signed %j', async (body) => {
    const { status, answer } = await receiver.post(queryOf({ SdkAppid: APP }), body);
    expect(status).toBe(401);
    expect(answer['ErrorInfo']).toMatch(/^signature_missing: /);
    const forged = await signedQueryFor('', { CallbackCommand: undefined }, { token: `${TOKEN}x` });
    expect((await receiver.post(forged, body)).status).toBe(401);
  });

  it('takes a body with anything in it for a callback, which needs both names', async () => {
    for (const [, more] of queries.slice(1)) {
      const { status, answer } = await receiver.send('C2C.CallbackBeforeSendMsg', '{"a":1}', more);
      expect(status).toBe(400);
      expect(answer['ErrorInfo']).toMatch(/^query_invalid: /);
    }
  });

  it('answers a check without parameters when neither app nor token is asked for', async () => {
    const open = await startExpressReceiver({ sdkAppId: false, token: false });
    try {
      for (const body of bodies) expect((await open.post('', body)).status).toBe(200);
      expect((await receiver.post(queryOf({ RequestTime: REQUEST_TIME }), '{}')).status).toBe(401);
    } finally {
      await open.close();
    }
  });
});
