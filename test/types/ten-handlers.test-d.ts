/** The ten commonest handlers compile with no `!` and no `as`: what a user writes on the first day. */

import { describe, test } from 'vitest';
import {
  friendResults,
  type Handlers,
  isElement,
  itemsOf,
  ok,
  queued,
  refuse,
  refuseMembers,
  replaceText,
  textOf,
} from '../../src/index.js';

declare function save(record: {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly at?: Date | undefined;
}): Promise<void>;
declare function note(...facts: (string | number | boolean | Date | undefined)[]): Promise<void>;
declare function isBanned(account: string): Promise<boolean>;

/** Register at compile time only. */
declare function receive(handlers: Handlers): void;

describe('the ten commonest handlers', () => {
  test('moderates keywords', () => {
    receive({
      'C2C.CallbackBeforeSendMsg': (event) => {
        const text = textOf(event);
        if (text.includes('spam')) return refuse('no spam, please');
        return replaceText(event, (words) => words.replaceAll('damn', '***'));
      },
      'Group.CallbackBeforeSendMsg': async (event) => {
        if (await isBanned(event.body.From_Account)) return refuse(120_001, 'you are banned');
        return ok();
      },
    });
  });

  test('archives one-to-one and group messages', () => {
    receive({
      'C2C.CallbackAfterSendMsg': queued(async ({ id, body, time, ...event }) => {
        const pictures = body.MsgBody.filter((element) => isElement(element, 'TIMImageElem'));
        for (const { MsgContent } of pictures) await note(MsgContent.UUID, event.sdkAppId);
        await save({
          id,
          from: body.From_Account,
          to: body.To_Account,
          text: String(pictures.length),
          at: time,
        });
      }),
      'Group.CallbackAfterSendMsg': queued(async (event) => {
        const { From_Account: from, GroupId: to } = event.body;
        await save({ id: event.id, from, to, text: textOf(event), at: event.time });
      }),
    });
  });

  test('keeps read receipts', () => {
    receive({
      'C2C.CallbackAfterMsgReport': queued(({ body }) =>
        note(body.Report_Account, body.Peer_Account, body.LastReadTime, body.UnreadMsgNum),
      ),
      'Group.CallbackAfterReadReceipt': queued(async ({ body }) => {
        for (const { MsgSeq, ReadNum = 0 } of body.GroupMsgReceiptList)
          await note(body.GroupId, MsgSeq, ReadNum);
      }),
    });
  });

  test('marks recalled messages', () => {
    receive({
      'C2C.CallbackAfterMsgWithDraw': queued(({ body }) =>
        note(body.From_Account, body.To_Account, body.MsgKey),
      ),
      'Group.CallbackAfterRecallMsg': queued(async ({ body }) => {
        for (const { MsgSeq } of body.MsgSeqList) await note(body.GroupId, MsgSeq);
      }),
    });
  });

  test('follows who is online', () => {
    receive({
      'State.StateChange': queued(async ({ body, platform, time }) => {
        await note(body.Info.To_Account, body.Info.Action, body.Info.Reason, platform, time);
        for (const { Platform } of body.KickedDevice ?? []) await note(body.Info.To_Account, Platform);
      }),
    });
  });

  test('welcomes new members', () => {
    receive({
      'Group.CallbackAfterNewMemberJoin': queued(async ({ body }) => {
        const names = body.NewMemberList.map(({ Member_Account }) => Member_Account);
        await note(`welcome to ${body.GroupId}, ${names.join(', ')}`);
      }),
    });
  });

  test('refuses some of the invitees', () => {
    receive({
      'Group.CallbackBeforeInviteJoinGroup': async ({ body }) => {
        const banned: string[] = [];
        for (const { Member_Account } of body.DestinationMembers) {
          if (await isBanned(Member_Account)) banned.push(Member_Account);
        }
        if (banned.length === body.DestinationMembers.length) return refuse('nobody may join');
        return banned.length === 0 ? ok() : refuseMembers(banned);
      },
    });
  });

  test('decides on friend requests', () => {
    receive({
      'Sns.CallbackPrevFriendAdd': ({ body }) =>
        body.From_Account === 'support'
          ? refuse('support has no friends')
          : friendResults(
              body.FriendItem.filter(({ AddWording = '' }) => AddWording.includes('http')).map(
                ({ To_Account }) => ({ To_Account, ResultCode: 38_000, ResultInfo: 'no links, please' }),
              ),
            ),
    });
  });

  test('keeps profiles in step', () => {
    receive({
      'Profile.CallbackPortraitSet': queued(async ({ body }) => {
        for (const { Tag, Value } of body.ProfileItem) {
          if (Tag === 'Tag_Profile_IM_Nick') await note(body.From_Account, Value);
        }
      }),
    });
  });

  test('reads push receipts item by item', () => {
    receive({
      'Push.OfflinePush': queued(async (event) => {
        for (const { item, time } of itemsOf(event)) {
          await note(item.To_Account, item.PushID, item.ErrCode ?? 0, item.ErrInfo, time);
        }
      }),
      'Push.AllMemberPush': queued(async (event) => {
        await note(itemsOf(event).length);
      }),
    });
  });
});
