// No server: the core takes callbacks that lie in memory, as often as it is told to.

import { CallbackHandler, ok } from 'qcloud-im-callback/core';
import { receiverOptions } from './receiver.mjs';

const handler = new CallbackHandler(receiverOptions(ok));

/** Each one is awaited before the next, so that no time goes into a queue of our own. */
export async function receive({ query, body, amount }) {
  const bytes = new TextEncoder().encode(body);
  for (let left = amount; left > 0; left -= 1) {
    const { status } = await handler.receive({
      method: 'POST',
      query,
      remoteAddress: '127.0.0.1',
      body: { received: true, read: () => bytes },
    });
    if (status !== 200) throw new Error(`the core answered ${status}`);
  }
}
