/** A receiver in a real Express app on a real port, with a handler for every command that keeps what it got. */

import type { Server } from 'node:http';
import express from 'express';
import supertest from 'supertest';
import {
  type AnyCallbackEvent,
  COMMANDS,
  type FailureReport,
  ok,
  type QcloudImOptions,
  qcloudIm,
} from '../../src/index.js';
import { baseOptions, signedQueryFor } from './requests.js';

const MOUNT_PATH = '/im/callback';

/** What came of one request. */
export interface Outcome {
  readonly status: number;
  readonly answer: Readonly<Record<string, unknown>>;
  /** The event, where a handler of a documented command ran. */
  readonly event: AnyCallbackEvent | undefined;
  /** The event, where no handler was registered for its command. */
  readonly unhandled: AnyCallbackEvent | undefined;
  /** What `onInvalid` was told. */
  readonly refusal: FailureReport | undefined;
}

/** Sends requests one after the other. */
export interface ExpressReceiver {
  /** Posts a body with a query as it is. */
  post(query: string, body: string): Promise<Outcome>;
  /** Posts a body with the signed query of a command. */
  send(
    command: string,
    body: string | object,
    more?: Readonly<Record<string, string | undefined>>,
  ): Promise<Outcome>;
  close(): Promise<void>;
}

/** Starts a receiver on a free port of 127.0.0.1. */
export async function startExpressReceiver(options: Partial<QcloudImOptions> = {}): Promise<ExpressReceiver> {
  const events: AnyCallbackEvent[] = [];
  const unhandled: AnyCallbackEvent[] = [];
  const refusals: FailureReport[] = [];
  const im = qcloudIm({
    ...baseOptions,
    defaultHandler: (event) => {
      unhandled.push(event);
    },
    onInvalid: (report) => refusals.push(report),
    ...options,
  });
  for (const { name } of COMMANDS) {
    im.handler.register(name, (event) => {
      // A handler of another command would be a wrong dispatch.
      if (event.command !== name) throw new Error(`the handler of ${name} got ${event.command}`);
      events.push(event);
      return ok();
    });
  }
  const app = express().use(MOUNT_PATH, im);
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = app.listen(0, '127.0.0.1', (error) => (error ? reject(error) : resolve(listening)));
  });

  async function post(query: string, body: string): Promise<Outcome> {
    for (const list of [events, unhandled, refusals]) list.length = 0;
    const response = await supertest(server)
      .post(`${MOUNT_PATH}?${query}`)
      .set('content-type', 'application/json')
      .send(body);
    return {
      status: response.status,
      answer: response.body as Record<string, unknown>,
      event: events[0],
      unhandled: unhandled[0],
      refusal: refusals[0],
    };
  }

  return {
    post,
    async send(command, body, more) {
      return post(
        await signedQueryFor(command, more),
        typeof body === 'string' ? body : JSON.stringify(body),
      );
    },
    async close() {
      await im.close();
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      });
    },
  };
}
