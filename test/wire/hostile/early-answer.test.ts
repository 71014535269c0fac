/** Who is not trusted is answered before the body is read, and the answer arrives though the body still comes. */

import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import Koa from 'koa';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { serverFor } from '../../../src/adapters/express-server.js';
import { qcloudIm as fetchIm } from '../../../src/fetch.js';
import { qcloudIm } from '../../../src/index.js';
import { qcloudIm as koaIm } from '../../../src/koa.js';
import { qcloudIm as nodeIm } from '../../../src/node.js';
import { LINGER_MS } from '../../../src/protocol/http.js';
import { baseOptions, signedQueryFor } from '../../support/requests.js';
import { answerOf, head, listen, RawClient, requestBytes, type TestServer } from '../../support/sockets.js';
import { startAttacked } from './child.js';

const honoListener = () => {
  const im = fetchIm(options, { background: true });
  return getRequestListener((request) => im(request));
};

const MIB = 1024 * 1024;
const MOST_BYTES_READ = 256 * 1024;
const CLIENTS = 100;
const ROUNDS = 5;
/** Pieces in which the clients write: small ones meet a connection that is closed under them. */
const PIECE = 16 * 1024;

/** The clock is the real one, as in the other process. */
const options = { ...baseOptions, now: Date.now };
let running: TestServer | undefined;
let target: string;

const servers = [
  ['Express', () => listen(express().use('/im', qcloudIm(options)))],
  ['createServer() of Express', () => listen(serverFor(express().use('/im', qcloudIm(options)), '20.0.0'))],
  ['node:http', () => listen(http.createServer(nodeIm(options)))],
  ['Koa', () => listen(http.createServer(new Koa().use(koaIm(options)).callback()))],
  ['Hono', () => listen(http.createServer(honoListener()))],
] as const;

beforeAll(async () => {
  target = `/im?${await signedQueryFor(
    'State.StateChange',
    { Sign: '0'.repeat(64) },
    { time: String(Math.floor(Date.now() / 1000)) },
  )}`;
});

afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** Sends a megabyte from many clients at once and gives the ErrorCode, or the failure, that each one met. */
async function pushFromAll(port: number): Promise<unknown[]> {
  const clients = Array.from({ length: CLIENTS }, () => new RawClient(port));
  for (const client of clients) push(client);
  const answers = await Promise.allSettled(clients.map((client) => client.answer()));
  await Promise.all(clients.map(({ closed }) => closed));
  return answers.map((settled) =>
    settled.status === 'fulfilled' && settled.value.headers['connection'] === 'close'
      ? answerOf(settled.value)['ErrorCode']
      : settled,
  );
}

const ALL_REFUSED = Array.from({ length: CLIENTS }, () => 40_106);

/** Pushes a megabyte as fast as it is taken, and goes on until the connection is gone. */
function push(client: RawClient): void {
  const piece = Buffer.alloc(PIECE, 0x20);
  let left = MIB;
  const more = (): void => {
    while (left > 0 && client.socket.writable) {
      left -= PIECE;
      if (!client.socket.write(piece)) return;
    }
  };
  client.socket.on('drain', more);
  client.write(head(target, { 'content-length': String(MIB) }));
  more();
}

const bytesRead = (): number => Math.max(...(running?.sockets ?? []).map((socket) => socket.bytesRead));

/** Resolves when a connection is gone, with whatever error. */
async function gone(socket: Socket): Promise<void> {
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
}

/** Resolves when the server has let go of all connections. */
async function allClosed(): Promise<void> {
  await Promise.all((running?.sockets ?? []).map(gone));
}

it.each(servers)('%s: 100 of 100 clients that push a megabyte get their 401', async (_, start) => {
  running = await start();
  expect(await pushFromAll(running.port)).toEqual(ALL_REFUSED);
  await allClosed();
  expect(running.sockets).toHaveLength(CLIENTS);
  expect(bytesRead()).toBeLessThan(MOST_BYTES_READ);
});

it('another process: it answers 100 of 100, again and again', async () => {
  // Only apart do the two sides really race: a server that closes at once loses some answers here.
  const attacked = await startAttacked();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      expect(await pushFromAll(attacked.port)).toEqual(ALL_REFUSED);
    }
    await expect.poll(async () => (await attacked.state()).connections).toBe(0);
    const { mostBytesRead } = await attacked.state();
    expect(mostBytesRead).toBeGreaterThan(0);
    expect(mostBytesRead).toBeLessThan(MOST_BYTES_READ);
  } finally {
    await attacked.stop();
  }
});

it.each(servers)('%s: clients of node:http get it as well', async (_, start) => {
  running = await start();
  const { port } = running;
  const body = Buffer.alloc(MIB, 0x20);
  const statuses = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const request = http.request({ port, path: target, method: 'POST', agent: false });
      const answered = once(request, 'response');
      request.end(body);
      const [response]: http.IncomingMessage[] = await answered;
      response?.resume();
      return response?.statusCode;
    }),
  );
  expect(statuses).toEqual(Array.from({ length: CLIENTS }, () => 401));
  await allClosed();
  expect(bytesRead()).toBeLessThan(MOST_BYTES_READ);
});

describe('a connection after its answer', () => {
  // The clock stands until it is put forward; what is not put forward is not waited for.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(servers)('%s: a sender that goes on by drips is cut off after half a second', async (_, start) => {
    running = await start();
    const client = new RawClient(running.port).write(head(target, { 'content-length': String(MIB) }));
    const drip = setInterval(() => client.write(' '), 10);
    try {
      expect(await client.answer()).toMatchObject({ status: 401, headers: { connection: 'close' } });
      vi.advanceTimersByTime(LINGER_MS - 1);
      await sleep(30);
      expect(client.socket.destroyed).toBe(false);
      vi.advanceTimersByTime(1);
      await client.closed;
      await allClosed();
    } finally {
      clearInterval(drip);
      client.destroy();
    }
  });

  it('is let go at once where the client has said it all', async () => {
    running = await listen(express().use('/im', qcloudIm(options)));
    const client = new RawClient(running.port).write(requestBytes(target, '{}'));
    expect(await client.answer()).toMatchObject({ status: 401, headers: { connection: 'close' } });
    await client.closed;
  });

  it('has no timer left when the client leaves with its answer', async () => {
    running = await listen(express().use('/im', qcloudIm(options)));
    const client = new RawClient(running.port);
    await client.write(head(target, { 'content-length': '100' })).answer();
    expect(vi.getTimerCount()).toBe(1);
    client.destroy();
    await allClosed();
    expect(vi.getTimerCount()).toBe(0);
  });
});
