/** The names that the editor completes are the 89 documented commands, and each has its own body. */

import { describe, expectTypeOf, test } from 'vitest';
import {
  type BodyOf,
  type C2CCallbackBeforeSendMsgBody,
  type CallbackEvent,
  type CallbackHandler,
  type Command,
  type Handlers,
  isEvent,
  ok,
  qcloudIm,
  queued,
} from '../../src/index.js';

/** Written down here, not taken from the generated types. */
type Documented = (typeof documented)[number];
declare const documented: [
  'Alert.RequestOverLimit',
  'Bot.OnC2CMessage',
  'Bot.OnGroupMessage',
  'C2C.CallbackAfterC2CMsgExtension',
  'C2C.CallbackAfterModifyMsg',
  'C2C.CallbackAfterMsgReadAll',
  'C2C.CallbackAfterMsgReadReceipt',
  'C2C.CallbackAfterMsgReport',
  'C2C.CallbackAfterMsgWithDraw',
  'C2C.CallbackAfterSendMsg',
  'C2C.CallbackBeforeSendMsg',
  'Call.CallbackAfterEndCall',
  'Call.CallbackAfterMemberChanged',
  'Call.CallbackAfterRecordChanged',
  'Call.CallbackAfterStartCall',
  'ChatBot.OnAssignHuman',
  'Chatbot.InterfaceInvocation',
  'Chatbot.OnC2CSignalMessage',
  'ContentCallback.ResultNotify',
  'Desk.SessionEventNotify',
  'Follow.CallbackAfterFollowAdd',
  'Follow.CallbackAfterFollowDelete',
  'Group.CallbackAfterChangeGroupOwner',
  'Group.CallbackAfterCreateGroup',
  'Group.CallbackAfterCreateTopic',
  'Group.CallbackAfterGroupAttrChanged',
  'Group.CallbackAfterGroupDestroyed',
  'Group.CallbackAfterGroupFull',
  'Group.CallbackAfterGroupInfoChanged',
  'Group.CallbackAfterGroupMsgExtension',
  'Group.CallbackAfterMemberExit',
  'Group.CallbackAfterMemberFieldChanged',
  'Group.CallbackAfterModifyMsg',
  'Group.CallbackAfterNewMemberJoin',
  'Group.CallbackAfterReadReceipt',
  'Group.CallbackAfterRecallMsg',
  'Group.CallbackAfterSendMsg',
  'Group.CallbackAfterTopicDestroyed',
  'Group.CallbackAfterTopicInfoChanged',
  'Group.CallbackBeforeApplyJoinGroup',
  'Group.CallbackBeforeCreateGroup',
  'Group.CallbackBeforeCreateTopic',
  'Group.CallbackBeforeInviteJoinGroup',
  'Group.CallbackBeforeSendMsg',
  'Group.CallbackOnDailyGroupQuotaAlarm',
  'Group.CallbackOnMemberStateChange',
  'Group.CallbackSendMsgException',
  'Live.CallbackAfterChangeOwner',
  'Live.CallbackAfterCloudRecordingChanged',
  'Live.CallbackAfterCreateBattle',
  'Live.CallbackAfterCreateRoom',
  'Live.CallbackAfterCreateRoomReachingThreshold',
  'Live.CallbackAfterDelMetadata',
  'Live.CallbackAfterDestroyRoom',
  'Live.CallbackAfterEndBattle',
  'Live.CallbackAfterMemberStateChanged',
  'Live.CallbackAfterModifyAdmin',
  'Live.CallbackAfterSetMetadata',
  'Live.CallbackAfterStartBattle',
  'Live.CallbackAfterUpdateRoomInfo',
  'Live.CallbackBeforeSendGift',
  'Member.EventNotify',
  'Mic.CallbackAfterSeatInfoChanged',
  'OfficialAccount.CallbackAfterAddSubscriber',
  'OfficialAccount.CallbackAfterCreateOfficialAccount',
  'OfficialAccount.CallbackAfterDeleteSubscriber',
  'OfficialAccount.CallbackAfterMsgWithDraw',
  'OfficialAccount.CallbackAfterOfficialAccountDestroyed',
  'OfficialAccount.CallbackAfterOfficialAccountFull',
  'OfficialAccount.CallbackAfterOfficialAccountInfoChanged',
  'OfficialAccount.CallbackAfterSendMsg',
  'OfficialAccount.CallbackBeforeAddSubscriber',
  'OfficialAccount.CallbackBeforeCreateOfficialAccount',
  'OfficialAccount.CallbackBeforeSendMsg',
  'Profile.CallbackPortraitSet',
  'Push.AllMemberPush',
  'Push.OfflinePush',
  'Room.CallbackAfterCreateRoom',
  'Room.CallbackAfterDestroyRoom',
  'Room.CallbackAfterMemberEnter',
  'Room.CallbackAfterMemberLeave',
  'Room.CallbackAfterUpdateRoomInfo',
  'Sns.CallbackBlackListAdd',
  'Sns.CallbackBlackListDelete',
  'Sns.CallbackFriendAdd',
  'Sns.CallbackFriendDelete',
  'Sns.CallbackPrevFriendAdd',
  'Sns.CallbackPrevFriendResponse',
  'State.StateChange',
];

declare function receive(handlers: Handlers): void;
declare const handler: CallbackHandler;

describe('commands', () => {
  test('the editor completes the 89 documented commands and nothing else', () => {
    expectTypeOf(documented).toHaveProperty('length').toEqualTypeOf<89>();
    expectTypeOf<keyof Handlers>().toEqualTypeOf<Documented>();
    expectTypeOf<Command>().toEqualTypeOf<Documented>();
  });

  test('a misspelt command does not compile', () => {
    // @ts-expect-error the command is C2C.CallbackBeforeSendMsg
    receive({ 'C2C.CallbackBeforeSendMessage': () => ok() });
    // @ts-expect-error names are compared with their case
    receive({ 'c2c.CallbackBeforeSendMsg': () => ok() });
    // @ts-expect-error the same through the options of a receiver
    qcloudIm({ sdkAppId: 1, token: false, handlers: { 'Group.CallbackAfterSendMessage': () => ok() } });
    // @ts-expect-error and through register()
    handler.register('State.StateChanged', () => ok());
  });

  test('a command of your own goes through otherHandlers, whose body is any JSON object', () => {
    // @ts-expect-error it is no documented command
    receive({ 'My.Command': () => ok() });
    qcloudIm({
      sdkAppId: 1,
      token: false,
      otherHandlers: {
        'My.Command': (event) => {
          expectTypeOf(event.body).toEqualTypeOf<Record<string, unknown>>();
          return ok({ Whatever: 1 });
        },
        'My.Queued': queued(async (event) => event.body['GroupId']),
      },
    });
    handler.registerOther('My.Command', (event) => {
      expectTypeOf(event).toEqualTypeOf<CallbackEvent<string>>();
    });
  });

  test('both required options have to be written', () => {
    qcloudIm({ sdkAppId: 1400000000, token: process.env['TOKEN'] });
    // @ts-expect-error token is missing; to switch the check off one writes false
    qcloudIm({ sdkAppId: 1400000000 });
    // @ts-expect-error sdkAppId is missing
    qcloudIm({ token: 'secret' });
    // @ts-expect-error no option has this name
    qcloudIm({ sdkAppId: 1400000000, token: 'secret', handler: {} });
  });
});

describe('bodies', () => {
  test('a handler sees the body of its own command', () => {
    receive({
      'C2C.CallbackBeforeSendMsg': (event) => {
        expectTypeOf(event.command).toEqualTypeOf<'C2C.CallbackBeforeSendMsg'>();
        expectTypeOf(event.body).toEqualTypeOf<C2CCallbackBeforeSendMsgBody>();
        expectTypeOf(event.body.From_Account).toEqualTypeOf<string>();
        expectTypeOf(event.body.MsgTime).toEqualTypeOf<number | undefined>();
        return ok();
      },
    });
    handler.register('State.StateChange', (event) => {
      expectTypeOf(event.body.Info.Action).toEqualTypeOf<
        'Login' | 'Logout' | 'Disconnect' | 'CustomStatusChange' | (string & {})
      >();
    });
  });

  test('a misspelt field does not compile', () => {
    receive({
      // @ts-expect-error the field is From_Account
      'Bot.OnC2CMessage': (event) => void event.body.FromAccount,
      // @ts-expect-error the field is GroupId
      'Group.CallbackAfterSendMsg': queued(async (event) => event.body.GroupID),
      // @ts-expect-error bodies have no index signature
      'State.StateChange': (event) => void event.body['NoSuchField'],
    });
  });

  test('a field of another type does not compile', () => {
    receive({
      'C2C.CallbackAfterSendMsg': ({ body }) => {
        // @ts-expect-error accounts are text, also where the wire has a number
        const account: number = body.From_Account;
        // @ts-expect-error times are numbers, also where the wire has digits as text
        const time: string | undefined = body.MsgTime;
        // @ts-expect-error the field is optional
        const key: string = body.MsgKey;
        void [account, time, key];
      },
    });
  });

  test('isEvent narrows an event of any command', () => {
    qcloudIm({
      sdkAppId: 1,
      token: false,
      beforeHook: (event) => {
        // @ts-expect-error an event of any command has no field of its own
        void event.body.GroupId;
        if (isEvent(event, 'Group.CallbackBeforeSendMsg')) {
          expectTypeOf(event.body.GroupId).toEqualTypeOf<string>();
        }
        return undefined;
      },
    });
  });

  test('BodyOf gives the body of a command, and any object for other names', () => {
    expectTypeOf<BodyOf<'C2C.CallbackBeforeSendMsg'>>().toEqualTypeOf<C2CCallbackBeforeSendMsgBody>();
    expectTypeOf<BodyOf<'My.Command'>>().toEqualTypeOf<Record<string, unknown>>();
  });
});
