/** Good requests whose handling fails. */

import { CallbackError } from '../../../src/base/errors.js';
import { queued } from '../../../src/options/routes.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import type { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { strangeQueue } from '../../support/strange-queue.js';
import { AFTER, BEFORE, type Case, HELLO, messageOf, never, SHORT_MS, sending } from './case.js';

/** Fills a queue that has one worker and one place. */
async function fill(handler: CallbackHandler): Promise<void> {
  handler.register(AFTER, queued(never));
  for (let events = 0; events < 2; events++) {
    const params = { SdkAppid: '1400000000', CallbackCommand: AFTER };
    await handler.handle(handler.createEvent(params, JSON.stringify(sampleBody(AFTER))));
  }
}

export const failures: readonly Case[] = [
  {
    id: 'handler-throws',
    title: 'MUST answer 500 when the handler throws, and say nothing of why',
    options: () => ({
      handlers: {
        [BEFORE]: () => {
          throw new Error('secret');
        },
      },
    }),
    request: sending(),
    expected: { status: 500, code: 'handler_failed' },
  },
  {
    id: 'handler-nothing',
    title: 'MUST answer 500 when the handler of a before-callback returns nothing',
    // As JavaScript users may write it: the compiler refuses it.
    options: () => ({ handlers: { [BEFORE]: (() => undefined) as never } }),
    request: sending(),
    expected: {
      status: 500,
      code: 'handler_failed',
      text: `handler_failed: the handler of ${BEFORE} returned nothing: return ok() or refuse(…)`,
    },
  },
  {
    id: 'answer-throws',
    title: 'MUST answer 500 when a getter of the answer throws',
    options: () => ({
      handlers: {
        [BEFORE]: () => ({
          ActionStatus: 'OK',
          ErrorCode: 0,
          get ErrorInfo(): string {
            throw new Error('secret');
          },
        }),
      },
    }),
    request: sending(),
    expected: { status: 500, code: 'handler_failed' },
  },
  {
    id: 'answer-text',
    title: 'MUST answer 500 when the handler returns a text, and say what to return',
    options: () => ({ handlers: { [BEFORE]: (() => 'yes') as never } }),
    request: sending(),
    expected: {
      status: 500,
      code: 'handler_failed',
      text: `handler_failed: what was returned for ${BEFORE} is a string; return ok() or refuse(…) or drop(…) or replace(…)`,
    },
  },
  {
    id: 'handler-late',
    title: 'MUST answer 503 when the handler is not done in time',
    options: () => ({ deadlineMs: SHORT_MS, handlers: { [BEFORE]: never } }),
    request: sending(),
    expected: { status: 503, code: 'handler_timeout' },
  },
  {
    id: 'queue-full',
    title: 'MUST answer 503 when the queue is full',
    options: () => ({ queue: memoryQueue({ workers: 1, capacity: 1, assist: false }) }),
    prepare: fill,
    request: sending({ body: JSON.stringify(messageOf(AFTER, HELLO)) }, {}, AFTER),
    expected: { status: 503, code: 'queue_full' },
  },
  {
    id: 'queue-away',
    title: 'MUST answer 503 when the queue cannot be opened',
    options: () => ({ queue: strangeQueue({ open: () => Promise.reject(new Error('away')) }).queue }),
    request: sending({ body: JSON.stringify(messageOf(AFTER, HELLO)) }, {}, AFTER),
    expected: { status: 503, code: 'queue_failed' },
  },
  {
    id: 'queue-damaged',
    title: 'MUST answer 503 when what the queue has kept is damaged',
    options: () => ({
      queue: strangeQueue({ open: () => Promise.reject(new CallbackError('queue_damaged')) }).queue,
    }),
    request: sending({ body: JSON.stringify(messageOf(AFTER, HELLO)) }, {}, AFTER),
    expected: { status: 503, code: 'queue_damaged' },
  },
  {
    id: 'policy',
    title: 'MUST answer a failed before-callback as onFailure says',
    options: () => ({
      onFailure: 'allow',
      handlers: { [BEFORE]: () => Promise.reject(new Error('secret')) },
    }),
    request: sending(),
    expected: { status: 200 },
  },
  {
    id: 'closing',
    title: 'MUST answer 503 once it closes',
    prepare: (handler) => handler.close(),
    request: sending(),
    expected: { status: 503, code: 'closing', closes: true },
  },
  {
    id: 'internal',
    title: 'MUST give a coded answer also to what nobody foresaw',
    options: () => ({
      now: () => {
        throw new Error('secret');
      },
    }),
    request: sending(),
    expected: { status: 500, code: 'internal', closes: true },
  },
];
