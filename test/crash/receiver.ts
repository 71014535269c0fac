/**
 * The process that the crash tests kill: an Express app with a receiver, a queue by name, and a handler that
 * takes a while, unless it is told to stop, and then appends the event's text to a file. Prints its port when it is ready.
 */

import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { qcloudIm, queued, textOf } from '../../src/index.js';
import { queueFromSettings, setting } from './queues.js';
import { serve } from './serve.js';

const handled = openSync(setting('HANDLED_FILE'), 'a');
const handlerMs = Number(setting('HANDLER_MS'));
const { CLOSE_MS } = process.env;
const closing = CLOSE_MS === undefined ? {} : { timeoutMs: Number(CLOSE_MS) };

const im = qcloudIm({
  sdkAppId: 1400000000,
  token: setting('TOKEN'),
  queue: await queueFromSettings(),
  handlers: {
    'Group.CallbackAfterSendMsg': queued(async (event) => {
      await sleep(handlerMs, undefined, { signal: event.signal });
      writeSync(handled, `${textOf(event)}\n`);
    }),
  },
});

const server = serve(im);

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  console.log(`closed ${JSON.stringify(await im.close(closing))}`);
  process.exit(0);
});
