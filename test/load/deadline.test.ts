/** The vendor waits two seconds. A thousand handlers that take for ever change nothing about that. */

import express from 'express';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallbackHandler, type FailureReport, qcloudIm } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { baseOptions, callbackOf, jsonOf, signedQueryFor } from '../support/requests.js';
import { answerOf, listen, RawClient, requestBytes, type TestServer } from '../support/sockets.js';

const COUNT = 1_000;
/** The default of `deadlineMs`, which leaves the vendor's two seconds 200 ms for the way. */
const DEADLINE_MS = 1_800;
const COMMAND = 'C2C.CallbackBeforeSendMsg';

let running: TestServer | undefined;

/** What is waited for without a timer: vi.waitFor would put the clock forward. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

// The receiver's clock stands until it is put forward, so that a busy machine is as quick as an idle one.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await running?.close();
  running = undefined;
});

it('1,000 slow handlers: each request is answered at its deadline and once', async () => {
  const finish: (() => void)[] = [];
  const late: FailureReport[] = [];
  let aborted = 0;
  const allRun = new Gate();
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
        // Half of them fail, when it is too late.
        finish.push(finish.length % 2 === 0 ? resolve : () => reject(new Error('too late')));
        if (finish.length === COUNT) allRun.open();
      }),
  });
  let answered = 0;
  running = await listen(
    express()
      .use((_req, res, next) => {
        // A second answer would be a second one here.
        res.once('finish', () => answered++);
        next();
      })
      .use(im),
  );
  const { port } = running;
  const request = requestBytes(`/?${await signedQueryFor(COMMAND)}`, JSON.stringify(sampleBody(COMMAND)));

  const clients = Array.from({ length: COUNT }, () => new RawClient(port).write(request));
  await allRun.opened;
  vi.advanceTimersByTime(DEADLINE_MS - 1);
  expect({ aborted, answered }).toEqual({ aborted: 0, answered: 0 });
  vi.advanceTimersByTime(1);
  expect(aborted).toBe(COUNT);
  const codes = await Promise.all(
    clients.map(async (client) => answerOf(await client.answer())['ErrorCode']),
  );
  expect(new Set(codes)).toEqual(new Set([50_315]));
  expect(answered).toBe(COUNT);
  expect(finish).toHaveLength(COUNT);

  vi.useRealTimers();
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

it.each([
  ['late', 1_800],
  ['in time', 10],
])('one timer serves 1,000 handlers, and none is left when they come %s', async (_, afterMs) => {
  const handler = new CallbackHandler({
    ...baseOptions,
    // Not a fake timer: only those of the receiver are counted.
    defaultHandler: () =>
      new Promise((resolve) => {
        if (finish.push(resolve) === COUNT) allRun.open();
      }),
  });
  const finish: ((value?: undefined) => void)[] = [];
  const allRun = new Gate();
  const request = await callbackOf(COMMAND, sampleBody(COMMAND));
  const receiving = Array.from({ length: COUNT }, () => handler.receive(request));
  await allRun.opened;
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(afterMs);
  for (const settle of finish) settle();
  const answers = await Promise.all(receiving);
  const codes = new Set(answers.map((answer) => jsonOf(answer)['ErrorCode']));
  expect(codes).toEqual(new Set([afterMs < 1_800 ? 0 : 50_315]));
  // It stays for the requests to come until it fires once.
  vi.advanceTimersByTime(1_800);
  expect(vi.getTimerCount()).toBe(0);
});
