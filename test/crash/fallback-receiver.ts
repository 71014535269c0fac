/**
 * A receiver as receiver.ts, which only enqueues into BullMQ and falls back to a directory. With BROKEN=hurried the
 * fallback forgets an event when its forwarding begins. Prints its port, what is reported, and on SIGTERM its
 * figures and how it was closed.
 */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { diskQueue } from '../../src/disk.js';
import { qcloudIm, queued } from '../../src/index.js';
import type { EventQueue } from '../../src/queue/queue.js';
import { bullmqFromSettings } from './bullmq-queues.js';
import { hurried, setting } from './queues.js';

function fallbackFromSettings(): EventQueue {
  const disk = diskQueue({ dir: setting('QUEUE_DIR') });
  if (process.env['BROKEN'] !== 'hurried') return disk;
  return {
    open: () => disk.open(),
    start: (consumer) => disk.start(hurried(consumer)),
    enqueue: (event, options) => disk.enqueue(event, options),
    stats: () => disk.stats(),
    close: (options) => disk.close(options),
  };
}

const im = qcloudIm({
  sdkAppId: 1400000000,
  token: setting('TOKEN'),
  queue: bullmqFromSettings(false),
  fallback: fallbackFromSettings(),
  logger: false,
  onError: ({ kind, error }) => console.log(`${kind}: ${error.message}`),
  handlers: { 'Group.CallbackAfterSendMsg': queued(() => undefined) },
});

const server: Server = express()
  .use('/im/callback', im)
  .listen(0, '127.0.0.1', async (error) => {
    if (error) throw error;
    await im.ready();
    const { port } = server.address() as AddressInfo;
    console.log(`listening on ${port}`);
  });

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  console.log(`figures ${JSON.stringify(im.handler.stats())}`);
  const { timedOut } = await im.close({ timeoutMs: 1_000 });
  console.log(`closed ${timedOut}`);
});
