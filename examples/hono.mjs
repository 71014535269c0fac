// A receiver in a Hono app on its Node server.

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback/fetch';

const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';
const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

const im = qcloudIm({ sdkAppId: 1400000000, token, handlers }, { background: true });
const app = new Hono();
app.post('/im/callback', (c) => im(c.req.raw));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/im/callback`);
});
