/** The process that runs what another has put into BullMQ; prints each of its spans. */

import { createWorker } from '../../src/bullmq.js';
import { queued } from '../../src/core.js';
import { traceCallbacks } from '../../src/opentelemetry.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { keepSpans, shortOf } from '../support/spans.js';

const keeper = keepSpans();
traceCallbacks();

const handler = new CallbackHandler({
  sdkAppId: false,
  token: false,
  handlers: { 'Group.CallbackAfterSendMsg': queued(() => undefined) },
});
const worker = createWorker(handler, JSON.parse(process.env['PLACE'] ?? ''));

setInterval(() => {
  for (const span of keeper.take().map(shortOf)) console.log(`span ${JSON.stringify(span)}`);
}, 10);

process.once('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
