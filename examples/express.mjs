// The receiver that `npm start` runs: moderates one-to-one messages, archives group messages behind the
// answer, and logs whatever else arrives.

import express from 'express';
import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback';

const sdkAppId = 1400000000;
const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';

const im = qcloudIm({
  sdkAppId,
  token,
  handlers: {
    // Before: the answer decides whether the message is delivered.
    'C2C.CallbackBeforeSendMsg': (event) => {
      const text = textOf(event);
      console.log(`${event.command} ${event.body.From_Account} → ${event.body.To_Account}: ${text}`);
      return text.includes('spam') ? refuse('no spam, please') : ok();
    },
    // After: answered at once, worked on later.
    'Group.CallbackAfterSendMsg': queued(async (event) => {
      console.log(`${event.command} archived ${event.id}: ${event.body.GroupId} ${textOf(event)}`);
    }),
  },
  defaultHandler: (event) => {
    console.log(`${event.command} ${JSON.stringify(event.body)}`);
    return ok();
  },
});

const app = express();
app.use('/im/callback', im);

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address();
  const curl = (command, body) => `T=$(date +%s); S=$(printf '%s' "${token}$T" | sha256sum | cut -d' ' -f1)
curl -sS "http://127.0.0.1:${port}/im/callback?SdkAppid=${sdkAppId}&CallbackCommand=${command}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=iOS&Sign=$S&RequestTime=$T" \\
  -d '${JSON.stringify(body)}'
`;
  const message = (text) => [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }];
  console.log(`Receiving callbacks at http://127.0.0.1:${port}/im/callback; try:\n`);
  console.log(
    curl('C2C.CallbackBeforeSendMsg', {
      From_Account: 'mika',
      To_Account: 'noel',
      MsgBody: message('hello'),
    }),
  );
  console.log(
    curl('C2C.CallbackBeforeSendMsg', { From_Account: 'mika', To_Account: 'noel', MsgBody: message('spam') }),
  );
  console.log(
    curl('Group.CallbackAfterSendMsg', {
      GroupId: '@TGS#1',
      From_Account: 'mika',
      MsgBody: message('你好 👋'),
    }),
  );
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    const { drained, remaining } = await im.close({ timeoutMs: 5_000 });
    console.log(`closed; drained ${drained}, not done ${remaining.length}`);
    process.exit(0);
  });
}
