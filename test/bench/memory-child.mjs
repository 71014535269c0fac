// The process whose memory is measured: an Express server that queues what it gets. It does what its parent asks.
// Plain JavaScript, because a loader would take memory as well.

import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { memoryQueue, qcloudIm, queued } from 'qcloud-im-callback';

let open = () => undefined;
let opened = Promise.resolve();
const im = qcloudIm({
  sdkAppId: process.env.BENCH_SDK_APP_ID,
  token: process.env.BENCH_TOKEN,
  queue: memoryQueue({ capacity: 200_000 }),
  handlers: { 'Group.CallbackAfterSendMsg': queued(() => opened) },
});
const server = createServer(express().use(process.env.BENCH_PATH, im)).listen(0, '127.0.0.1');
await once(server, 'listening');

const tasks = {
  memory: () => process.memoryUsage(),
  /** Events as requests bring them: each with bytes and a query of its own. */
  async burst({ query, body, amount }) {
    opened = new Promise((resolve) => {
      open = resolve;
    });
    for (let left = amount; left > 0; left -= 1) {
      const bytes = Buffer.from(body);
      const { status } = await im.handler.receive({
        method: 'POST',
        query: Buffer.from(query).toString(),
        remoteAddress: '127.0.0.1',
        body: { received: true, read: () => bytes },
      });
      if (status !== 200) throw new Error(`answered ${status}`);
      if (left % 100 === 0) await new Promise(setImmediate);
    }
  },
  async drain() {
    open();
    await im.handler.idle();
  },
};

process.on('message', async ({ task, ...parameters }) => {
  process.send({ result: await tasks[task](parameters) });
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
process.send({ result: { port: server.address().port } });
