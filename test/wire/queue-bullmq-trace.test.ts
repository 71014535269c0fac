/** The trace of a request goes on in the worker: from the header of a real request to the handler of its event. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { bullmqQueue, createWorker } from '../../src/bullmq.js';
import { CallbackHandler, qcloudIm, queued } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { clear, freshPlace, queueAt } from '../support/bullmq-place.js';
import { baseOptions, signedQueryFor } from '../support/requests.js';
import { storeTelemetry } from '../support/telemetry.js';

const COMMAND = 'Group.CallbackAfterSendMsg';

describe.skipIf(inject('redisUrl') === '')('a trace over bullmqQueue and createWorker', () => {
  const place = freshPlace();
  const ends: (() => unknown)[] = [];

  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
    await clear(queueAt(place));
  });

  it('is for each event the one of its own request, also when requests come together', async () => {
    const inWeb = storeTelemetry();
    const inWorker = storeTelemetry();
    const seen = new Map<string, string | undefined>();
    const handlers = {
      [COMMAND]: queued<typeof COMMAND>(async ({ body }) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.set(body.GroupId, inWorker.contextManager.active());
      }),
    };
    const im = qcloudIm({
      ...baseOptions,
      handlers,
      queue: bullmqQueue({ ...place, worker: false, telemetry: inWeb }),
    });
    ends.push(() => im.close());
    const server: Server = express()
      .use((req, _res, next) => inWeb.contextManager.with(req.get('traceparent'), next))
      .use('/im/callback', im)
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(
      () => server.close(),
      () => server.closeAllConnections(),
    );
    const { port } = server.address() as AddressInfo;
    const query = await signedQueryFor(COMMAND);

    const traceOf = (index: number): string =>
      `00-${String(index).padStart(32, '0')}-${String(index).padStart(16, '0')}-01`;
    const post = (index: number): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/im/callback?${query}`, {
        method: 'POST',
        headers: index === 0 ? {} : { traceparent: traceOf(index) },
        body: JSON.stringify({ ...sampleBody(COMMAND), GroupId: String(index) }),
      });
    const indexes = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(indexes.map(post));
    expect(answers.map(({ status }) => status)).toEqual(indexes.map(() => 200));

    const handler = new CallbackHandler({ ...baseOptions, handlers });
    ends.push(() => handler.close());
    const worker = createWorker(handler, { ...place, telemetry: inWorker });
    ends.push(() => worker.close());

    await vi.waitFor(() => expect(seen.size).toBe(indexes.length), { timeout: 10_000, interval: 10 });
    expect(seen).toEqual(
      new Map(indexes.map((index) => [String(index), index === 0 ? undefined : traceOf(index)])),
    );
  });
});
