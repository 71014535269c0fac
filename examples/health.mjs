// Probes of a receiver, and an end that no request notices.

import express from 'express';
import { ok, qcloudIm, queued, shutdown } from 'qcloud-im-callback';

const im = qcloudIm({
  sdkAppId: 1400000000,
  token: process.env.IM_CALLBACK_TOKEN ?? 'demo-token',
  handlers: {
    'C2C.CallbackBeforeSendMsg': () => ok(),
    'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived ${event.id}`)),
  },
});

const app = express();
app.use('/im/callback', im);

// Is the process alive? What it waits for is no reason to restart it.
app.get('/healthz', (_req, res) => {
  res.json(im.handler.health());
});

// Should it get callbacks? Not by the state of the queue: all processes that share it would be taken out at once.
app.get('/readyz', (_req, res) => {
  const { ready, closing } = im.handler.health();
  res.status(ready ? 200 : 503).json({ ready, closing });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/readyz`);
});

process.once('SIGTERM', async () => {
  // Longer than your probe needs to see it: twice its period, times its failures.
  const drainMs = Number(process.env.DRAIN_MS ?? 5_000);
  const { drained, remaining } = await shutdown(server, im, { drainMs, timeoutMs: 10_000 });
  console.log(`closed; drained ${drained}, not done ${remaining.length}`);
  process.exit(0);
});
