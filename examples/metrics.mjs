// Metrics for Prometheus at /metrics, on a port of their own; examples/grafana/ has a dashboard and alert rules.

import { createServer } from 'node:http';
import express from 'express';
import client from 'prom-client';
import { ok, qcloudIm, queued } from 'qcloud-im-callback';
import { prometheusMetrics } from 'qcloud-im-callback/prometheus';

const im = qcloudIm({
  sdkAppId: 1400000000,
  token: process.env.IM_CALLBACK_TOKEN ?? 'demo-token',
  handlers: {
    'C2C.CallbackBeforeSendMsg': () => ok(),
    'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived ${event.id}`)),
  },
});

prometheusMetrics({ client, im });
client.collectDefaultMetrics();

const app = express();
app.use('/im/callback', im);
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/im/callback`);
});

// Not on the port that the vendor reaches.
const metrics = createServer(async (_req, res) => {
  res.setHeader('content-type', client.register.contentType).end(await client.register.metrics());
}).listen(Number(process.env.METRICS_PORT ?? 9464), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${metrics.address().port}/metrics`);
});
