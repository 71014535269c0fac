/**
 * Counts what a request makes JavaScript do: how often every block of code ran, in an app that only says 404 and in
 * one with a receiver. Counts are the same on every machine. A process of its own, since the counters are V8's only ones.
 */

import { once } from 'node:events';
import http from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { qcloudIm } from '../../../src/index.js';

/** What one request cost. */
export interface Cost {
  readonly status: number;
  readonly notFound: number;
  readonly receiver: number;
}

const PATH = '/im/callback';
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Runs of blocks since the last call; Node's own code and this file's are left out. */
async function count(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let sum = 0;
  for (const { url, functions } of result) {
    if (!url.startsWith('file:') || url.endsWith('cost-server.ts')) continue;
    for (const { ranges } of functions) for (const range of ranges) sum += range.count;
  }
  return sum;
}

async function start(app: Express): Promise<number> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function statusOf(port: number, query: string): Promise<number> {
  const request = http.request({ port, method: 'POST', path: `${PATH}?${query}`, agent: false });
  request.end('{}');
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  response?.resume();
  await once(response as http.IncomingMessage, 'close');
  return response?.statusCode ?? 0;
}

const bare = await start(express());
const ours = await start(
  express().use(PATH, qcloudIm({ sdkAppId: 1400000000, token: 'test-token', logger: false })),
);

/** The second of two equal requests: the first one may still have something to set up. */
async function costOf(port: number, query: string): Promise<[status: number, count: number]> {
  await statusOf(port, query);
  await count();
  const status = await statusOf(port, query);
  return [status, await count()];
}

process.on('message', async (queries: string[]) => {
  const costs: Cost[] = [];
  for (const query of queries) {
    const [, notFound] = await costOf(bare, query);
    const [status, receiver] = await costOf(ours, query);
    costs.push({ status, notFound, receiver });
  }
  process.send?.(costs);
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
