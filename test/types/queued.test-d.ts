/** Queued handlers: their events are typed by where they stand, and an answer that is read has to be given. */

import { describe, expectTypeOf, test } from 'vitest';
import {
  type CallbackHandler,
  drop,
  type Handlers,
  ok,
  queued,
  refuse,
  refuseMembers,
} from '../../src/index.js';

declare function receive(handlers: Handlers): void;
declare const handler: CallbackHandler;

describe('queued handlers', () => {
  test('the event is typed by the command that the handler stands at', () => {
    receive({
      'Group.CallbackAfterSendMsg': queued(async (event) => {
        expectTypeOf(event.command).toEqualTypeOf<'Group.CallbackAfterSendMsg'>();
        return event.body.GroupId;
      }),
      'C2C.CallbackAfterSendMsg': queued(async (event) => {
        // @ts-expect-error a one-to-one message has no group
        return event.body.GroupId;
      }, ok()),
      'State.StateChange': {
        async: true,
        handle: async (event) => expectTypeOf(event.body.Info.To_Account).toEqualTypeOf<string>(),
      },
    });
    handler.register(
      'Group.CallbackAfterSendMsg',
      queued(async (event) => event.body.GroupId),
    );
  });

  test('a command whose answer is read needs one at once', () => {
    receive({
      // @ts-expect-error the sender waits for the verdict
      'C2C.CallbackBeforeSendMsg': queued(async (event) => event.id),
      // @ts-expect-error a bot has to say something
      'Chatbot.OnC2CSignalMessage': queued(async (event) => event.id),
      // @ts-expect-error the same as a route
      'Group.CallbackBeforeSendMsg': { async: true, handle: async (event) => event.id },
      // @ts-expect-error saying nothing is no answer
      'Group.CallbackBeforeCreateGroup': queued(async (event) => event.id, undefined),
      // @ts-expect-error neither is it in a route
      'Group.CallbackBeforeCreateTopic': {
        async: true,
        handle: async (event) => event.id,
        asyncResponse: undefined,
      },
    });
    handler.register(
      'ChatBot.OnAssignHuman',
      // @ts-expect-error the same through register()
      queued(async (event) => event.id),
    );
  });

  test('with an answer it compiles', () => {
    receive({
      'C2C.CallbackBeforeSendMsg': queued(async (event) => event.body.From_Account, ok()),
      'Group.CallbackBeforeSendMsg': queued(async (event) => event.body.GroupId, drop()),
      'Group.CallbackBeforeInviteJoinGroup': queued(
        async (event) => event.body.DestinationMembers,
        refuseMembers(['mika']),
      ),
      'Chatbot.OnC2CSignalMessage': queued(async (event) => event.id, ok({ RspData: 'one moment' })),
      'ChatBot.OnAssignHuman': {
        async: true,
        handle: async (event) => event.id,
        asyncResponse: ok({ AgentGroupId: 7 }),
      },
    });
    handler.register(
      'C2C.CallbackBeforeSendMsg',
      queued(async (event) => event.body.To_Account, ok()),
    );
  });

  test('the answer has to fit the command here too', () => {
    receive({
      // @ts-expect-error there is no message to drop
      'Group.CallbackBeforeApplyJoinGroup': queued(async (event) => event.id, drop()),
      // @ts-expect-error the message was sent
      'C2C.CallbackAfterSendMsg': queued(async (event) => event.id, refuse()),
      // @ts-expect-error the field is RspData
      'Chatbot.OnC2CSignalMessage': queued(async (event) => event.id, ok({ RespData: 'hello' })),
    });
  });
});
