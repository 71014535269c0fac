// A receiver as a route of a Next.js app. Queued handlers run before the answer, as the process may stop with it.

import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback/fetch';

const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';
const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

export const POST = qcloudIm({ sdkAppId: 1400000000, token, handlers });
