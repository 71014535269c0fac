/** The process of resting.test.ts: events of a megabyte of brackets wait in the memory queue, and are then handled. */

import { CallbackHandler } from '../../src/core.js';
import { memoryQueue, ok, queued } from '../../src/index.js';
import { baseOptions, requestOf, signedQueryFor } from '../support/requests.js';

const COUNT = 300;
const COMMAND = 'My.Command';
const MEGABYTE = 1_048_576;

const brackets = Buffer.from(`{"a":[${'[],'.repeat((MEGABYTE - 16) / 3)}[]]}`);

let open = (): void => undefined;
const opened = new Promise<void>((resolve) => {
  open = resolve;
});
let handled = 0;
let items = 0;
const handler = new CallbackHandler({
  ...baseOptions,
  bodyLimit: MEGABYTE,
  queue: memoryQueue({ workers: 2 }),
  otherHandlers: {
    [COMMAND]: queued(async (event) => {
      await opened;
      handled += 1;
      items += (event.body['a'] as unknown[]).length;
    }, ok()),
  },
});
const query = await signedQueryFor(COMMAND);
for (let n = 0; n < COUNT; n += 1) {
  const { status, body } = await handler.receive(requestOf(query, brackets));
  if (status !== 200) throw new Error(`${status} ${body}`);
}
const waiting = handler.stats().queued;
open();
await handler.idle();
process.stdout.write(JSON.stringify({ accepted: COUNT, waiting, handled, itemsOfEach: items / COUNT }));
