/** Deadlines where a timer ends with the request that started it: on runtimes without Node's built-ins. */

import { afterEach, expect, it, vi } from 'vitest';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { baseOptions, callbackOf } from '../../support/requests.js';

vi.mock('#platform', () => import('../../../src/platform/web.js'));

afterEach(() => {
  vi.useRealTimers();
});

it('each request has a timer of its own, and leaves none behind', async () => {
  const finish: ((value: undefined) => void)[] = [];
  const handler = new CallbackHandler({
    ...baseOptions,
    token: false,
    defaultHandler: () => new Promise((resolve) => finish.push(resolve)),
  });
  const requests = [await callbackOf('My.Command', { n: 1 }), await callbackOf('My.Command', { n: 2 })];
  vi.useFakeTimers();
  const answering = requests.map((request) => handler.receive(request));
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(2);
  for (const resolve of finish) resolve(undefined);
  for (const answer of answering) expect((await answer).status).toBe(200);
  expect(vi.getTimerCount()).toBe(0);
});
