/** The process that is restarted under load: a receiver on Express whose handler notes each event in a file. */

import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { qcloudIm, queued, shutdown, textOf } from '../../src/index.js';
import { setting } from './queues.js';
import { serve } from './serve.js';

const handled = openSync(setting('HANDLED_FILE'), 'a');

const im = qcloudIm({
  sdkAppId: 1400000000,
  token: setting('TOKEN'),
  handlers: {
    'Group.CallbackAfterSendMsg': queued(async (event) => {
      await sleep(2);
      writeSync(handled, `${textOf(event)}\n`);
    }),
  },
});

const server = serve(im);

process.once('SIGTERM', async () => {
  const { remaining, timedOut } = await shutdown(server, im, { drainMs: Number(setting('DRAIN_MS')) });
  console.log(`left ${remaining.length} ${timedOut}`);
  process.exit(0);
});
