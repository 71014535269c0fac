// A receiver in a Connect app.

import connect from 'connect';
import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback/node';

const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';
const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

const app = connect();
app.use('/im/callback', qcloudIm({ sdkAppId: 1400000000, token, handlers, path: '/' }));

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/im/callback`);
});
