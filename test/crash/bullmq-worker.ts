/**
 * A process that runs the handlers of a BullMQ queue, as receiver.ts does for other queues. With BESIDES=queue it
 * has a queue as well. On SIGTERM it closes what it has, and must end by itself then.
 */

import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from '../../src/bullmq.js';
import { CallbackHandler, queued, textOf } from '../../src/index.js';
import { bullmqFromSettings, placeFromSettings } from './bullmq-queues.js';
import { setting } from './queues.js';

const handled = openSync(setting('HANDLED_FILE'), 'a');
const handlerMs = Number(setting('HANDLER_MS'));

const im = new CallbackHandler({
  sdkAppId: 1400000000,
  token: setting('TOKEN'),
  logger: false,
  ...(process.env['BESIDES'] === 'queue' ? { queue: bullmqFromSettings(true) } : {}),
  handlers: {
    'Group.CallbackAfterSendMsg': queued(async (event) => {
      await sleep(handlerMs);
      writeSync(handled, `${textOf(event)}\n`);
    }),
  },
});
const worker = createWorker(im, placeFromSettings());
process.once('SIGTERM', () => Promise.all([worker.close({ timeoutMs: 300 }), im.close({ timeoutMs: 300 })]));

await Promise.all([worker.ready(), im.ready()]);
console.log('working');
