/** The vendor waits two seconds. A thousand handlers that take for ever change nothing about that. */

import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallbackHandler, type FailureReport, qcloudIm } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { baseOptions, callbackOf, jsonOf, signedQueryFor } from '../support/requests.js';
import { answerOf, listen, RawClient, requestBytes, type TestServer } from '../support/sockets.js';

const COUNT = 1_000;
const VENDOR_WAITS_MS = 2_000;
/** How many requests come at a time, and how long after the ones before. */
const GROUP = 20;
const GROUP_PAUSE_MS = 15;
const COMMAND = 'C2C.CallbackBeforeSendMsg';

let running: TestServer | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

// Tried again, because a machine that is busy otherwise may stand still for 200 ms; the fake clock below does not.
const realTime = { timeout: 20_000, retry: 2 };

it('1,000 slow handlers: each request is answered within two seconds and once', realTime, async () => {
  const finish: (() => void)[] = [];
  const late: FailureReport[] = [];
  let aborted = 0;
  let mostAtOnce = 0;
  const im = qcloudIm({
    ...baseOptions,
    onError: (report) => {
      if (report.kind === 'late') late.push(report);
    },
    defaultHandler: (event) =>
      new Promise((resolve, reject) => {
        event.signal.addEventListener('abort', () => {
          aborted++;
        });
        mostAtOnce = Math.max(mostAtOnce, finish.length + 1 - aborted);
        // Half of them fail, when it is too late.
        finish.push(finish.length % 2 === 0 ? resolve : () => reject(new Error('too late')));
      }),
  });
  // From the arrival of the headers to the end of the answer; a second answer would be a second entry.
  const took: number[] = [];
  running = await listen(
    express()
      .use((_req, res, next) => {
        const arrived = performance.now();
        res.once('finish', () => took.push(performance.now() - arrived));
        next();
      })
      .use(im),
  );
  const { port } = running;
  const request = requestBytes(`/?${await signedQueryFor(COMMAND)}`, JSON.stringify(sampleBody(COMMAND)));

  const clients = Array.from({ length: COUNT }, () => new RawClient(port));
  await Promise.all(clients.map(({ socket }) => once(socket, 'connect')));
  for (const [index, client] of clients.entries()) {
    client.write(request);
    // All are under way at once, but they do not all come in the same instant.
    if (index % GROUP === 0) await setTimeout(GROUP_PAUSE_MS);
  }
  const codes = await Promise.all(
    clients.map(async (client) => answerOf(await client.answer())['ErrorCode']),
  );
  expect(new Set(codes)).toEqual(new Set([50_315]));
  expect(mostAtOnce).toBe(COUNT);
  expect(took).toHaveLength(COUNT);
  expect(Math.max(...took)).toBeLessThan(VENDOR_WAITS_MS);
  expect(finish).toHaveLength(COUNT);
  expect(aborted).toBe(COUNT);

  for (const settle of finish) settle();
  await vi.waitFor(() => expect(late).toHaveLength(COUNT));
  // Whoever was answered twice would find the second answer in front of this one.
  const closing = im.close({ timeoutMs: 0 });
  for (const client of clients) expect(client.received.length).toBe(0);
  const last = await Promise.all(
    clients.map(async (client) => answerOf(await client.write(request).answer())['ErrorCode']),
  );
  expect(new Set(last)).toEqual(new Set([50_318]));
  for (const client of clients) client.destroy();
  await closing;
});

describe('timers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['late', 1_800],
    ['in time', 10],
  ])('none is left when 1,000 handlers come %s', async (_, afterMs) => {
    const handler = new CallbackHandler({
      ...baseOptions,
      // Not a fake timer: only those of the receiver are counted.
      defaultHandler: () => new Promise((resolve) => finish.push(resolve)),
    });
    const finish: ((value?: undefined) => void)[] = [];
    const request = await callbackOf(COMMAND, sampleBody(COMMAND));
    const receiving = Array.from({ length: COUNT }, () => handler.receive(request));
    await vi.waitUntil(() => finish.length === COUNT);
    expect(vi.getTimerCount()).toBe(COUNT);
    vi.advanceTimersByTime(afterMs);
    for (const settle of finish) settle();
    const answers = await Promise.all(receiving);
    const codes = new Set(answers.map((answer) => jsonOf(answer)['ErrorCode']));
    expect(codes).toEqual(new Set([afterMs < 1_800 ? 0 : 50_315]));
    expect(vi.getTimerCount()).toBe(0);
  });
});
