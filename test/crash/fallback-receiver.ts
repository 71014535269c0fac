/**
 * A receiver as receiver.ts, which only enqueues into BullMQ and falls back to a directory. With BROKEN=hurried the
 * fallback forgets an event when its forwarding begins. Prints its port, what is reported, and on SIGTERM its
 * figures and how it was closed.
 */

import { diskQueue } from '../../src/disk.js';
import { qcloudIm, queued } from '../../src/index.js';
import { bullmqFromSettings } from './bullmq-queues.js';
import { forgetful, setting } from './queues.js';
import { serve } from './serve.js';

const disk = diskQueue({ dir: setting('QUEUE_DIR') });

const im = qcloudIm({
  sdkAppId: 1400000000,
  token: setting('TOKEN'),
  queue: bullmqFromSettings(false),
  fallback: process.env['BROKEN'] === 'hurried' ? forgetful(disk) : disk,
  logger: false,
  onError: ({ kind, error }) => console.log(`${kind}: ${error.message}`),
  handlers: { 'Group.CallbackAfterSendMsg': queued(() => undefined) },
});

const server = serve(im);

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  console.log(`figures ${JSON.stringify(im.handler.stats())}`);
  const { timedOut } = await im.close({ timeoutMs: 1_000 });
  console.log(`closed ${timedOut}`);
});
