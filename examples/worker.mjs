// A receiver as a Cloudflare Worker, with the token in the secret IM_CALLBACK_TOKEN.

import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback/fetch';

const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

let im;

export default {
  fetch(request, env, context) {
    im ??= qcloudIm({ sdkAppId: 1400000000, token: env.IM_CALLBACK_TOKEN, handlers, path: '/im/callback' });
    const clientAddress = request.headers.get('cf-connecting-ip') ?? undefined;
    return im(request, { clientAddress, waitUntil: (work) => context.waitUntil(work) });
  },
};
