/**
 * A process that runs the handlers of a BullMQ queue, as receiver.ts does for other queues. Settings that may be
 * absent: BEGUN_FILE gets the event's text when a run begins; LONG is the text of an event whose first runs last
 * longer than this process lives; DEADLY is one whose handler kills the process; BROKEN=hurried says that an event
 * is done when its run has begun; BESIDES=queue gives the process a queue as well. Prints what is reported. On
 * SIGTERM it closes what it has, and must end by itself then.
 */

import { openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from '../../src/bullmq.js';
import { CallbackHandler, type FailureReport, queued, textOf } from '../../src/index.js';
import { bullmqFromSettings, placeFromSettings } from './bullmq-queues.js';
import { hurried, setting } from './queues.js';

/** How many runs of the event LONG last for LONG_MS; the next one is as short as those of the others. */
const LONG_RUNS = 2;
const LONG_MS = 60_000;

const { BEGUN_FILE = devNull, LONG, DEADLY, BROKEN, BESIDES } = process.env;
const begun = openSync(BEGUN_FILE, 'a');
const handled = openSync(setting('HANDLED_FILE'), 'a');
const handlerMs = Number(setting('HANDLER_MS'));

const tell = ({ kind, event, error }: FailureReport): void =>
  console.log(`${kind} ${event && textOf(event)}: ${error.message}`);

const im = new CallbackHandler({
  sdkAppId: 1400000000,
  token: setting('TOKEN'),
  logger: false,
  onError: tell,
  onInvalid: tell,
  ...(BESIDES === 'queue' ? { queue: bullmqFromSettings(true) } : {}),
  handlers: {
    'Group.CallbackAfterSendMsg': queued(async (event) => {
      const text = textOf(event);
      writeSync(begun, `${text}\n`);
      if (text === DEADLY) process.kill(process.pid, 'SIGKILL');
      await sleep(text === LONG && event.attempt <= LONG_RUNS ? LONG_MS : handlerMs);
      writeSync(handled, `${text}\n`);
    }),
  },
});
const worker = createWorker(BROKEN === 'hurried' ? hurried(im.consumer) : im, placeFromSettings());
process.once('SIGTERM', () => Promise.all([worker.close({ timeoutMs: 300 }), im.close({ timeoutMs: 300 })]));

await Promise.all([worker.ready(), im.ready()]);
console.log('working');
