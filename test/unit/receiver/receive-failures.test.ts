import { afterEach, describe, expect, it, vi } from 'vitest';
import { CALLBACK_ERROR_CODES, CallbackError, type CallbackErrorCode } from '../../../src/base/errors.js';
import type { FailureReport, QcloudImOptions } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { sign } from '../../../src/pipeline/verify.js';
import { ok } from '../../../src/protocol/answers.js';
import { isCommand } from '../../../src/protocol/commands.js';
import type { CallbackRequest } from '../../../src/protocol/http.js';
import type { EventQueue } from '../../../src/queue/queue.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import {
  baseOptions,
  callbackOf,
  jsonOf,
  REQUEST_TIME,
  type RequestParts,
  requestOf,
  signedQueryFor,
  TOKEN,
} from '../../support/requests.js';
import { strangeQueue } from '../../support/strange-queue.js';

const BEFORE = 'Group.CallbackBeforeSendMsg';
const AFTER = 'Group.CallbackAfterSendMsg';
const SECRET = 'sender-secret';
const ALL = [BEFORE, AFTER, 'My.Command'] as const;

/** How each code comes about, for a command. */
interface Way {
  readonly options?: Partial<QcloudImOptions>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly parts?: RequestParts;
  readonly queue?: () => EventQueue;
  readonly close?: boolean;
  readonly command?: string;
}

const fail = (code: CallbackErrorCode) => () => Promise.reject(new CallbackError(code, { cause: SECRET }));
const throws = () => {
  throw new Error(SECRET);
};
/** Every command is queued, and the queue does not accept. */
const queueThat = (code: CallbackErrorCode): Way => ({
  options: {
    handlers: { [BEFORE]: queued<typeof BEFORE>(throws, ok()), [AFTER]: queued(throws) },
    otherHandlers: { 'My.Command': queued(throws) },
  },
  queue: () => strangeQueue({ enqueue: fail(code) }).queue,
});

const ways: Readonly<Record<CallbackErrorCode, Way>> = {
  method_not_allowed: { parts: { method: 'GET' } },
  query_invalid: { query: { clientip: SECRET } },
  address_refused: { options: { allowFrom: [] } },
  app_unknown: { query: { SdkAppid: '1' } },
  signature_missing: { query: { Sign: undefined } },
  signature_invalid: { query: { Sign: 'a'.repeat(64) } },
  request_expired: { options: { now: () => 0 } },
  token_unavailable: { options: { token: throws } },
  body_too_large: { options: { bodyLimit: 5 } },
  body_unreadable: { parts: { read: fail('body_unreadable') } },
  body_not_json: { body: `{"${SECRET}` },
  command_mismatch: { body: JSON.stringify({ CallbackCommand: SECRET }) },
  body_invalid: { body: JSON.stringify({ GroupId: { [SECRET]: SECRET } }), command: BEFORE },
  handler_failed: { options: { beforeHook: throws } },
  handler_timeout: { options: { deadlineMs: 5, beforeHook: () => new Promise(() => undefined) } },
  queue_full: queueThat('queue_full'),
  queue_failed: queueThat('queue_failed'),
  closing: { close: true },
  internal: { parts: { read: throws } },
  queue_damaged: queueThat('queue_damaged'),
};

async function answerTo(way: Way, command: string, more: Partial<QcloudImOptions> = {}) {
  const reports: FailureReport[] = [];
  const lines: string[] = [];
  const log = (details: object, message: string) => lines.push(`${JSON.stringify(details)} ${message}`);
  const handler = new CallbackHandler({
    ...baseOptions,
    logger: { debug: log, warn: log, error: log },
    onInvalid: (report) => reports.push(report),
    onError: (report) => reports.push(report),
    ...way.options,
    queue: way.queue?.(),
    ...more,
  });
  if (way.close === true) await handler.close();
  const body = way.body ?? JSON.stringify(isCommand(command) ? sampleBody(command) : { a: SECRET });
  const request: CallbackRequest = requestOf(await signedQueryFor(command, way.query), body, way.parts);
  return { response: await handler.receive(request), reports, lines };
}

afterEach(() => {
  vi.useRealTimers();
});

describe.each(CALLBACK_ERROR_CODES)('%s', (code) => {
  const way = ways[code];
  const commands = way.command === undefined ? ALL : [way.command];

  it.each(commands)('is answered in the documented form (%s)', async (command) => {
    const { response, reports } = await answerTo(way, command);
    const error = new CallbackError(code);
    expect(response.status).toBe(error.status);
    expect(jsonOf(response)).toStrictEqual({
      ActionStatus: 'FAIL',
      ErrorCode: error.errorCode,
      ErrorInfo: expect.stringMatching(new RegExp(`^${code}: .`)),
    });
    expect(response.headers).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(response.body)),
      ...(code === 'method_not_allowed' ? { allow: 'POST' } : {}),
    });
    expect(reports.map((report) => report.error.code)).toEqual([code]);
    expect(reports[0]?.kind).toBe('request');
  });

  it('says nothing of tokens, expected signatures, stacks and what the sender wrote', async () => {
    const { response, lines } = await answerTo(way, commands[0] ?? BEFORE);
    const said = [response.body, ...lines].join('\n');
    for (const secret of [TOKEN, await sign(TOKEN, REQUEST_TIME), SECRET, '    at ', '.ts:']) {
      expect(response.body).not.toContain(secret);
    }
    expect(said).not.toContain(await sign(TOKEN, REQUEST_TIME));
    expect(said).not.toContain(TOKEN);
  });
});

describe('onFailure', () => {
  const decidable = CALLBACK_ERROR_CODES.filter((code) =>
    /^(body_|command_mismatch|handler_|queue_|closing)/.test(code),
  );

  it.each(decidable)('decides what a before-callback is answered when %s', async (code) => {
    for (const [policy, ErrorCode] of [
      ['allow', 0],
      ['refuse', 1],
    ] as const) {
      for (const onFailure of [policy, { [BEFORE]: policy }]) {
        const { response, reports } = await answerTo(ways[code], BEFORE, { onFailure });
        expect(response.status).toBe(200);
        expect(jsonOf(response)).toEqual({ ActionStatus: 'OK', ErrorCode, ErrorInfo: '' });
        expect(reports.map(({ error }) => error.code)).toEqual([code]);
      }
    }
  });

  it.each(CALLBACK_ERROR_CODES.filter((code) => !decidable.includes(code)))(
    'never turns %s into an answer with status 200',
    async (code) => {
      const { response } = await answerTo(ways[code], BEFORE, { onFailure: 'allow' });
      expect(response.status).toBe(new CallbackError(code).status);
    },
  );

  it.each(decidable.filter((code) => code !== 'body_invalid'))(
    'does not apply to after-callbacks and unknown commands when %s',
    async (code) => {
      for (const command of [AFTER, 'My.Command']) {
        const { response } = await answerTo(ways[code], command, { onFailure: 'allow' });
        expect(response.status, command).toBe(new CallbackError(code).status);
      }
    },
  );

  it('does not apply to another command that has a policy of its own', async () => {
    const onFailure = { 'C2C.CallbackBeforeSendMsg': 'allow' } as const;
    const { response } = await answerTo(ways.handler_failed, BEFORE, { onFailure });
    expect(response.status).toBe(500);
  });

  it('refuses each user of a friend request whose handler failed or whose body was refused', async () => {
    const command = 'Sns.CallbackPrevFriendAdd';
    const friends = { FriendItem: [{ To_Account: 'a' }, { To_Account: 'b' }] };
    for (const [options, body] of [
      [{ beforeHook: throws }, { ...sampleBody(command), ...friends }],
      [{}, friends],
    ] as const) {
      const handler = new CallbackHandler({ ...baseOptions, onFailure: 'refuse', ...options });
      expect(jsonOf(await handler.receive(await callbackOf(command, body)))['ResultItem']).toEqual([
        { To_Account: 'a', ResultCode: 1, ResultInfo: '' },
        { To_Account: 'b', ResultCode: 1, ResultInfo: '' },
      ]);
    }
  });
});

describe('what is reported', () => {
  it('holds the bytes, the parameters and the cause of what was refused', async () => {
    const { reports } = await answerTo(ways.body_not_json, BEFORE);
    expect(reports[0]).toMatchObject({
      command: BEFORE,
      params: { CallbackCommand: BEFORE, ClientIP: '192.0.2.7' },
    });
    expect(new TextDecoder().decode(reports[0]?.rawBody)).toBe(`{"${SECRET}`);
    const failed = await answerTo(ways.handler_failed, BEFORE);
    expect(failed.reports[0]).toMatchObject({
      error: { cause: { message: SECRET } },
      event: { command: BEFORE },
    });
  });

  it('holds the text of a body that another parser had parsed, as it was before its fields got their types', async () => {
    const parsed = { GroupId: 12, MsgBody: SECRET };
    const text = JSON.stringify(parsed);
    const { reports } = await answerTo({ parts: { read: () => ({ parsed }) } }, BEFORE);
    expect(reports[0]?.error.code).toBe('body_invalid');
    expect(new TextDecoder().decode(reports[0]?.rawBody)).toBe(text);
  });

  it('holds the bytes of a body that is too large or no UTF-8', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe);
    for (const options of [{ bodyLimit: 1 }, {}]) {
      const { reports } = await answerTo({ options, parts: { read: () => bytes } }, BEFORE);
      expect(reports[0]?.rawBody).toBe(bytes);
    }
  });
});
