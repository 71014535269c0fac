// The web server: answers callbacks as soon as their events are in Redis. Any number of them may run.
// Start worker.mjs beside it. With BOARD=1 it shows the queue at /queues (npm install @bull-board/api @bull-board/express).

import express from 'express';
import { qcloudIm } from 'qcloud-im-callback';
import { bullmqQueue } from 'qcloud-im-callback/bullmq';
import { options, place } from './shared.mjs';

const queue = bullmqQueue({ ...place, worker: false, attempts: 5 });
const im = qcloudIm({ ...options, queue });

const app = express();
app.use('/im/callback', im);

if (process.env.BOARD === '1') {
  const { createBullBoard } = await import('@bull-board/api');
  const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
  const { ExpressAdapter } = await import('@bull-board/express');
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath('/queues');
  createBullBoard({ queues: [new BullMQAdapter(queue.queue)], serverAdapter });
  // Anybody who can reach it can read and delete events: put your own login before it.
  app.use('/queues', serverAdapter.getRouter());
}

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', async () => {
  await im.ready();
  const base = `http://127.0.0.1:${server.address().port}`;
  console.log(`Receiving callbacks at ${base}/im/callback`);
  if (process.env.BOARD === '1') console.log(`Bull Board at ${base}/queues`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    await im.close({ timeoutMs: 5_000 });
    console.log('closed');
  });
}
