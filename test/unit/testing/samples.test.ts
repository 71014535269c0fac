import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/protocol/commands.js';
import { sampleBody, sampleEvent } from '../../../src/testing/samples.js';

const AFTER = 'Group.CallbackAfterSendMsg';

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
