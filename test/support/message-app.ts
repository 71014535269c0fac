/** A real Express app that takes messages, with whatever stands in front of the receiver. */

import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import express, { type RequestHandler } from 'express';
import { expect } from 'vitest';
import {
  type AnyCallbackEvent,
  type FailureReport,
  type QcloudImOptions,
  qcloudIm,
} from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { baseOptions } from './requests.js';
import { answerOf, listen, type RawAnswer } from './sockets.js';

export const MESSAGE_COMMAND = 'C2C.CallbackBeforeSendMsg';
export const DEADLINE_MS = 200;

/** What the tests call is the same in both; Express 4 has no types here. */
export const express4 = createRequire(import.meta.url)('express4') as typeof express;

/** A running app, and what came of its requests. */
export interface MessageApp {
  readonly port: number;
  readonly sockets: readonly Socket[];
  readonly events: AnyCallbackEvent[];
  /** What `onInvalid` was told. */
  readonly refusals: FailureReport[];
  close(): Promise<void>;
}

/** Starts an app with parsers in front of the receiver, which is mounted at the root. */
export async function startMessageApp(
  before: readonly RequestHandler[] = [],
  options: Partial<QcloudImOptions> = {},
  make: typeof express = express,
): Promise<MessageApp> {
  const events: AnyCallbackEvent[] = [];
  const refusals: FailureReport[] = [];
  const app = make();
  for (const middleware of before) app.use(middleware);
  app.use(
    qcloudIm({
      ...baseOptions,
      deadlineMs: DEADLINE_MS,
      defaultHandler: (event) => {
        events.push(event);
      },
      onInvalid: (report) => refusals.push(report),
      ...options,
    }),
  );
  const { port, sockets, close } = await listen(app);
  return { port, sockets, events, refusals, close };
}

/** A message whose text has about this many bytes; `…` is three of them. */
export function messageOf(length: number, text = '…'): string {
  const content = text.repeat(Math.ceil(length / Buffer.byteLength(text)));
  return JSON.stringify({
    ...sampleBody(MESSAGE_COMMAND),
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: content } }],
  });
}

/** Checks that a request was refused, and no more. */
export function checkRefusal(app: MessageApp, answer: RawAnswer, code: string, status: number): void {
  expect(answer.status).toBe(status);
  expect(answerOf(answer)['ErrorInfo']).toMatch(new RegExp(`^${code}: `));
  expect(app.refusals.map(({ error }) => error.code)).toEqual([code]);
  expect(app.events).toEqual([]);
}
