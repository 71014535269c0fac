// The worker: runs the handlers of the events that web.mjs has put into Redis. Any number of them may run.

import { createWorker } from 'qcloud-im-callback/bullmq';
import { CallbackHandler } from 'qcloud-im-callback/core';
import { options, place } from './shared.mjs';

const worker = createWorker(new CallbackHandler(options), {
  ...place,
  workers: 32,
  backoff: { initialMs: 1_000, maxMs: 60_000 },
  onDead: (event, error) => console.error(`dead: ${event.command} ${event.id}: ${error.message}`),
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    const { drained, timedOut } = await worker.close({ timeoutMs: 5_000 });
    console.log(`closed; drained ${drained}${timedOut ? ', the rest went back to the queue' : ''}`);
  });
}

await worker.ready();
console.log('Waiting for events');
