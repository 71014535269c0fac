/** Quirks of which command a callback is: protocol.md sections 7.2 and 11. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { type ExpressReceiver, startExpressReceiver } from '../support/express-receiver.js';

let receiver: ExpressReceiver;
beforeAll(async () => {
  receiver = await startExpressReceiver();
});
afterAll(() => receiver.close());

async function refusalOf(command: string, body: object): Promise<string> {
  const { status, answer, event, unhandled } = await receiver.send(command, body);
  expect([status, event, unhandled]).toEqual([400, undefined, undefined]);
  return String(answer['ErrorInfo']).split(':')[0] ?? '';
}

describe('7.2: a callback has two names', () => {
  it.each([
    ['Room.CallbackUpdateRoomInfo', 'Room.CallbackAfterUpdateRoomInfo'],
    ['Live.CallbackMemberStateChanged', 'Live.CallbackAfterMemberStateChanged'],
    ['Follow.CallbackAfterCloudRecordingChanged', 'Live.CallbackAfterCloudRecordingChanged'],
  ] as const)('takes %s for %s, in the query, the body and both', async (alias, command) => {
    const { CallbackCommand: _, ...rest } = sampleBody(command);
    for (const [asked, named] of [
      [alias, alias],
      [alias, command],
      [command, alias],
      [alias, undefined],
    ] as const) {
      const { status, event } = await receiver.send(asked, { ...rest, CallbackCommand: named });
      expect({ status, command: event?.command, asked: event?.params.CallbackCommand }).toEqual({
        status: 200,
        command,
        asked,
      });
    }
  });

  it('checks the body of an alias as strictly as that of the command', async () => {
    expect(await refusalOf('Room.CallbackUpdateRoomInfo', { RoomInfo: 'text' })).toBe('body_invalid');
  });

  it('takes Live.CallbackAfterDelMetadata though its query names Live.CallbackAfterSetMetadata', async () => {
    const body = sampleBody('Live.CallbackAfterDelMetadata');
    const { status, event } = await receiver.send('Live.CallbackAfterSetMetadata', body);
    expect([status, event?.command]).toEqual([200, 'Live.CallbackAfterDelMetadata']);
  });

  it('does not take it the other way round', async () => {
    const body = sampleBody('Live.CallbackAfterSetMetadata');
    expect(await refusalOf('Live.CallbackAfterDelMetadata', body)).toBe('command_mismatch');
  });
});

describe('7.2 and 11: a body without CallbackCommand', () => {
  it('dispatches ContentCallback.ResultNotify, which never has one, on the query', async () => {
    const body = sampleBody('ContentCallback.ResultNotify');
    expect(body).not.toHaveProperty('CallbackCommand');
    const { event } = await receiver.send('ContentCallback.ResultNotify', body);
    expect([event?.command, event?.time]).toEqual(['ContentCallback.ResultNotify', undefined]);
  });

  it.each(['C2C.CallbackBeforeSendMsg', 'Group.CallbackAfterSendMsg', 'State.StateChange'] as const)(
    'dispatches %s on the query where the body lacks it',
    async (command) => {
      const { CallbackCommand: _, ...rest } = sampleBody(command);
      const { status, event } = await receiver.send(command, rest);
      expect([status, event?.command]).toEqual([200, command]);
    },
  );

  it('refuses a body that names another command than the query, for Sign covers neither', async () => {
    const body = sampleBody('C2C.CallbackAfterSendMsg');
    expect(await refusalOf('C2C.CallbackBeforeSendMsg', body)).toBe('command_mismatch');
    expect(await refusalOf('My.OwnCommand', { CallbackCommand: 'My.OtherCommand' })).toBe('command_mismatch');
  });
});

describe('7.2: Push bodies are lists', () => {
  it('takes {"Events":[…]} with a command only inside the items, and GroupID with a capital D', async () => {
    const body = sampleBody('Push.OfflinePush');
    expect(Object.keys(body)).toEqual(['Events']);
    const { event } = await receiver.send('Push.OfflinePush', body);
    expect(event?.command).toBe('Push.OfflinePush');
    expect(event === undefined ? [] : itemsOf(event)).toHaveLength(2);
    expect(event?.body).toMatchObject({ Events: [{}, { GroupID: '@TGS#3QHX7DEMO' }] });
  });

  const [item] = sampleBody('Push.AllMemberPush')['Events'] as object[];
  const named = (CallbackCommand?: string) => ({ ...item, CallbackCommand });

  it('takes items that name no command beside items that name the right one', async () => {
    const Events = [named(), named('Push.AllMemberPush'), named()];
    const { status, event } = await receiver.send('Push.AllMemberPush', { Events });
    expect([status, event?.command]).toEqual([200, 'Push.AllMemberPush']);
  });

  it.each([0, 1, 2])('refuses a list whose item %i names another command', async (wrong) => {
    const Events = [0, 1, 2].map((index) =>
      named(index === wrong ? 'Push.OfflinePush' : 'Push.AllMemberPush'),
    );
    expect(await refusalOf('Push.AllMemberPush', { Events })).toBe('command_mismatch');
  });

  it('refuses a list whose items all agree on another command', async () => {
    const Events = [named('Push.OfflinePush'), named('Push.OfflinePush')];
    expect(await refusalOf('Push.AllMemberPush', { Events })).toBe('command_mismatch');
  });

  it('takes the full hundred items', async () => {
    const Events = Array.from({ length: 100 }, () => named('Push.AllMemberPush'));
    const { event } = await receiver.send('Push.AllMemberPush', { Events });
    expect(event === undefined ? [] : itemsOf(event)).toHaveLength(100);
  });
});
