/** A flood of strangers: what is written, counted and remembered of them is bounded. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import promClient from 'prom-client';
import { expect, it } from 'vitest';
import { prometheusMetrics } from '../../src/prometheus.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { baseOptions, requestOf, signedQueryFor } from '../support/requests.js';

const REQUESTS = 100_000;
const MARGIN = 8 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

it(`writes a few lines, makes a few labels and keeps nothing of ${REQUESTS} refused requests`, async () => {
  const lines: string[] = [];
  const note = (_details: object, message: string): void => {
    lines.push(message);
  };
  const registry = new promClient.Registry();
  const handler = new CallbackHandler({
    ...baseOptions,
    logger: { debug: () => undefined, warn: note, error: note },
  });
  const metrics = prometheusMetrics({ client: promClient, registry, im: handler });
  const flood = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index++) {
      const forged = { SdkAppid: String(index), Sign: index.toString(16).padStart(64, '0') };
      const ours = index % 2 === 0 ? {} : { SdkAppid: baseOptions.sdkAppId };
      const query = await signedQueryFor(`Evil.Command${index}`, { ...forged, ...ours });
      await handler.receive(requestOf(query, 'x'.repeat(100)));
    }
  };
  await flood(0, REQUESTS / 10);
  const before = heapInUse();
  await flood(REQUESTS / 10, REQUESTS);
  expect(heapInUse() - before).toBeLessThan(MARGIN);

  // One for each code and minute.
  expect(lines.length).toBeLessThan(20);
  const series = (await registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('qcloud_im_callbacks_total'));
  expect(series).toEqual([
    `qcloud_im_callbacks_total{command="other",outcome="refused",code="app_unknown",answer=""} ${REQUESTS / 2}`,
    `qcloud_im_callbacks_total{command="other",outcome="refused",code="signature_invalid",answer=""} ${REQUESTS / 2}`,
  ]);
  expect(handler.health()).toMatchObject({ refused: { code: expect.any(String) }, tokens: [] });
  metrics.stop();
  await handler.close();
});
