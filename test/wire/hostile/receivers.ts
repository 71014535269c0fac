/** The receivers that the hostile requests are sent to: one for everything, and one per way to fail. */

import { CallbackError, memoryQueue, type QcloudImOptions, queued } from '../../../src/index.js';
import { strangeQueue } from '../../support/strange-queue.js';

export const APP = '1400000000';
/** Answers must never hold it. */
export const TOKEN = 'token-that-nobody-must-see';
/** How long a request may take where requests are slow on purpose. */
export const SLOW_DEADLINE_MS = 250;

const never = (): Promise<never> => new Promise(() => undefined);

const base = { sdkAppId: APP, token: TOKEN, logger: false } as const satisfies QcloudImOptions;

/** Options by the path at which the receiver is mounted. */
export const receivers: Readonly<Record<string, QcloudImOptions>> = {
  '/im': {
    ...base,
    otherHandlers: {
      'Test.Throw': () => {
        throw new Error(`an error that says ${TOKEN}`);
      },
      'Test.NoAnswer': () => JSON.parse('{"ErrorCode":"0"}'),
      'Test.Never': never,
      'Test.Echo': (event) => ({
        ActionStatus: 'OK',
        ErrorCode: 0,
        ErrorInfo: '',
        Keys: Object.keys(event.body),
        Value: event.extra('Value'),
      }),
    },
  },
  '/slow': {
    ...base,
    deadlineMs: SLOW_DEADLINE_MS,
    otherHandlers: { 'Test.Never': never },
  },
  '/elsewhere': { ...base, allowFrom: ['192.0.2.0/24'] },
  '/lookup': {
    ...base,
    token: () => {
      throw new Error('no token today');
    },
  },
  '/full': {
    ...base,
    // One event is being worked on and one waits, for ever.
    queue: memoryQueue({ workers: 1, capacity: 1, assist: { max: 0 } }),
    otherHandlers: { 'Test.Queued': queued(never) },
  },
  '/failed': {
    ...base,
    queue: strangeQueue({ enqueue: () => Promise.reject(new Error(`no place for ${TOKEN}`)) }).queue,
    otherHandlers: { 'Test.Queued': queued(never) },
  },
  '/damaged': {
    ...base,
    queue: strangeQueue({ open: () => Promise.reject(new CallbackError('queue_damaged')) }).queue,
    otherHandlers: { 'Test.Queued': queued(never) },
  },
  '/closed': base,
  '/bug': {
    ...base,
    now: () => {
      throw new Error('a clock that stands');
    },
  },
};
