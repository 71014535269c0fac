// A receiver in a Fastify app.

import { fastify } from 'fastify';
import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback/fastify';

const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';
const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

const app = fastify();
app.register(qcloudIm({ sdkAppId: 1400000000, token, handlers }), { prefix: '/im/callback' });

const address = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`${address}/im/callback`);
