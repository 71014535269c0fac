/** De-duplication where hashing is asynchronous: on runtimes without Node's built-ins. */

import { expect, it, vi } from 'vitest';
import { memoryDedupeStore } from '../../../src/dedupe/memory-store.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { baseOptions, requestOf, signedQueryFor } from '../../support/requests.js';

vi.mock('#platform', () => import('../../../src/platform/web.js'));

it('runs an event once that comes twice, also at the same time', async () => {
  const handle = vi.fn(() => undefined);
  const handler = new CallbackHandler({
    ...baseOptions,
    dedupe: { store: memoryDedupeStore() },
    otherHandlers: { 'My.Command': handle },
  });
  const query = `${await signedQueryFor('My.Command')}&RequestID=7`;
  const send = async () => (await handler.receive(requestOf(query, '{"a":1}'))).status;
  expect(await Promise.all([send(), send()])).toEqual([200, 200]);
  expect(await send()).toBe(200);
  expect(handle).toHaveBeenCalledTimes(1);
});
