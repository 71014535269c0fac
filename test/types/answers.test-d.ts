/** Answers compile only for the commands whose answer allows them. */

import { describe, expectTypeOf, test } from 'vitest';
import {
  assignAgents,
  type CallbackHandler,
  drop,
  elementsOf,
  friendResults,
  type Handlers,
  isElement,
  isEvent,
  ok,
  qcloudIm,
  refuse,
  refuseMembers,
  refuseSubscribers,
  replace,
  replaceText,
} from '../../src/index.js';

declare function receive(handlers: Handlers): void;
declare const handler: CallbackHandler;

describe('answers that compile', () => {
  test('every command can be let through, with a value, later, or, where nobody asks, by saying nothing', () => {
    receive({
      'C2C.CallbackAfterSendMsg': () => ok(),
      'Group.CallbackAfterSendMsg': async () => ok(),
      'State.StateChange': () => undefined,
      'Group.CallbackAfterNewMemberJoin': async () => {},
      'C2C.CallbackBeforeSendMsg': () => ({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' }),
      'ChatBot.OnAssignHuman': () => undefined,
    });
  });

  test('a message can be replaced by its own elements, some of them changed', () => {
    receive({
      'C2C.CallbackBeforeSendMsg': (event) => replace({ MsgBody: event.body.MsgBody }),
      'Group.CallbackBeforeSendMsg': (event) =>
        replace({
          MsgBody: elementsOf(event).map((element) =>
            isElement(element, 'TIMTextElem')
              ? { MsgType: 'TIMTextElem', MsgContent: { Text: '***' } }
              : element,
          ),
        }),
      'OfficialAccount.CallbackBeforeSendMsg': (event) =>
        replaceText(event, (text, element) => {
          expectTypeOf(element.MsgType).toEqualTypeOf<'TIMTextElem'>();
          return text.trim();
        }),
    });
    qcloudIm({
      sdkAppId: 1,
      token: false,
      beforeHook: (event) =>
        isEvent(event, 'C2C.CallbackBeforeSendMsg') ? replaceText(event, () => '') : undefined,
    });
  });

  test('each helper fits where the vendor reads what it says', () => {
    receive({
      'C2C.CallbackBeforeSendMsg': () => drop(),
      'Group.CallbackBeforeSendMsg': () => replace({ CloudCustomData: '{}' }),
      'Group.CallbackBeforeInviteJoinGroup': () => refuseMembers(['mika']),
      'OfficialAccount.CallbackBeforeAddSubscriber': () => refuseSubscribers(['mika']),
      'Sns.CallbackPrevFriendAdd': () => friendResults([{ To_Account: 'mika', ResultCode: 0 }]),
      'Sns.CallbackPrevFriendResponse': () => refuse('no'),
      'Group.CallbackBeforeApplyJoinGroup': () => refuse(10_100, 'full'),
      'Live.CallbackBeforeSendGift': () => refuse(),
      'ChatBot.OnAssignHuman': () => assignAgents({ AgentIdList: ['mika'] }),
      'Chatbot.OnC2CSignalMessage': () => ok({ RspData: 'hello' }),
      'Chatbot.InterfaceInvocation': () => ok({ Body: { answer: 42 } }),
    });
  });

  test('a route says the same as a bare handler', () => {
    receive({ 'C2C.CallbackBeforeSendMsg': { handle: () => drop() } });
    handler.register('C2C.CallbackBeforeSendMsg', { async: false, handle: () => refuse(120_001) });
  });
});

describe('answers that do not compile', () => {
  test('a before-command has to be answered: a forgotten return would let everything through', () => {
    receive({
      // @ts-expect-error nothing is returned
      'C2C.CallbackBeforeSendMsg': (event) => {
        if (event.body.From_Account === 'banned') refuse('no');
      },
      // @ts-expect-error neither is there later
      'Sns.CallbackPrevFriendAdd': async () => {},
      // @ts-expect-error undefined is no verdict
      'Live.CallbackBeforeSendGift': () => undefined,
      // @ts-expect-error neither in a route
      'Group.CallbackBeforeCreateGroup': { handle: () => {} },
    });
    // @ts-expect-error nor through register()
    handler.register('Group.CallbackBeforeApplyJoinGroup', () => {});
  });

  test('replaceText is for messages that an answer may replace', () => {
    receive({
      // @ts-expect-error the message was sent
      'C2C.CallbackAfterSendMsg': (event) => replaceText(event, () => ''),
      // @ts-expect-error there is no message
      'Group.CallbackBeforeCreateGroup': (event) => replaceText(event, () => ''),
      // @ts-expect-error the new text is text
      'C2C.CallbackBeforeSendMsg': (event) => replaceText(event, () => 7),
    });
  });

  test('dropping silently is for messages', () => {
    receive({
      // @ts-expect-error there is no message to drop when somebody asks to join
      'Group.CallbackBeforeApplyJoinGroup': () => drop(),
      // @ts-expect-error the same later
      'Group.CallbackBeforeInviteJoinGroup': async () => drop(),
      // @ts-expect-error the same in a route
      'Group.CallbackBeforeCreateGroup': { handle: () => drop() },
    });
    // @ts-expect-error the same through register()
    handler.register('Group.CallbackBeforeApplyJoinGroup', () => drop());
  });

  test('what has happened cannot be refused', () => {
    receive({
      // @ts-expect-error the message was sent
      'C2C.CallbackAfterSendMsg': () => refuse(),
      // @ts-expect-error whatever the text
      'Group.CallbackAfterSendMsg': () => refuse('too late'),
      // @ts-expect-error whatever the code
      'State.StateChange': async () => refuse(120_001, 'too late'),
      // @ts-expect-error a bot's answer carries data and refuses nothing
      'Chatbot.OnC2CSignalMessage': () => refuse(),
    });
  });

  test('lists of accounts belong to the commands that read them', () => {
    receive({
      // @ts-expect-error only an invitation has invitees
      'Group.CallbackBeforeApplyJoinGroup': () => refuseMembers(['mika']),
      // @ts-expect-error an official account has subscribers
      'OfficialAccount.CallbackBeforeAddSubscriber': () => refuseMembers(['mika']),
      // @ts-expect-error a group has members
      'Group.CallbackBeforeInviteJoinGroup': () => refuseSubscribers(['mika']),
      // @ts-expect-error the vendor reads no list of members here
      'C2C.CallbackBeforeSendMsg': () => refuseMembers(['mika']),
    });
    // @ts-expect-error accounts are text
    refuseMembers([7]);
  });

  test('verdicts on friends belong to the two friend requests', () => {
    receive({
      // @ts-expect-error the friendship exists
      'Sns.CallbackFriendAdd': () => friendResults([]),
      // @ts-expect-error there is no friend request
      'Group.CallbackBeforeInviteJoinGroup': () => friendResults([]),
      // @ts-expect-error agents take sessions
      'Sns.CallbackPrevFriendAdd': () => assignAgents({ AgentGroupId: 1 }),
    });
    // @ts-expect-error a verdict needs its code
    friendResults([{ To_Account: 'mika' }]);
  });

  test('fields of an answer are the ones that the command knows', () => {
    receive({
      // @ts-expect-error the field is RspData
      'Chatbot.OnC2CSignalMessage': () => ok({ RespData: 'hello' }),
      // @ts-expect-error RspData is text
      'Chatbot.InterfaceInvocation': () => ok({ Body: 'text' }),
      // @ts-expect-error an unknown field beside a known one
      'ChatBot.OnAssignHuman': () => ok({ AgentGroupId: 1, Agents: [] }),
      // @ts-expect-error the answer to this command has no fields of its own
      'C2C.CallbackAfterSendMsg': () => ok({ RspData: 'hello' }),
      // @ts-expect-error the same in a promise
      'Group.CallbackAfterSendMsg': async () => ok({ RspData: 'hello' }),
    });
  });

  test('a replaced message holds elements as the vendor wants them', () => {
    receive({
      // @ts-expect-error a sent message cannot be replaced
      'C2C.CallbackAfterSendMsg': () => replace({ CloudCustomData: '{}' }),
    });
    // @ts-expect-error the text of a text element is text
    replace({ MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 7 } }] });
    // @ts-expect-error the field is Text
    replace({ MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { text: 'hello' } }] });
    // @ts-expect-error MsgContent is an object
    replace({ MsgBody: [{ MsgType: 'TIMCustomElem', MsgContent: 'hello' }] });
    replace({
      MsgBody: [
        { MsgType: 'TIMFutureElem', MsgContent: {} },
        // @ts-expect-error the text of a text element is text, whatever stands beside it
        { MsgType: 'TIMTextElem', MsgContent: { Text: 7 } },
      ],
    });
    // Types that the vendor adds later pass with any object.
    replace({ MsgBody: [{ MsgType: 'TIMFutureElem', MsgContent: { Anything: 1 } }] });
  });

  test('0 lets through and 2 drops, so that they refuse nothing', () => {
    // @ts-expect-error 0 lets it happen: write ok()
    refuse(0);
    // @ts-expect-error 2 drops silently: write drop()
    refuse(2, 'dropped');
    refuse(1, 'with the text of the vendor');
  });

  test('what is no answer does not compile', () => {
    receive({
      // @ts-expect-error a text is no answer
      'C2C.CallbackBeforeSendMsg': () => 'ok',
      // @ts-expect-error neither is a boolean
      'Group.CallbackBeforeSendMsg': async () => false,
      // @ts-expect-error an answer has ErrorInfo, also when it is empty
      'State.StateChange': () => ({ ActionStatus: 'OK', ErrorCode: 0 }),
    });
  });
});
