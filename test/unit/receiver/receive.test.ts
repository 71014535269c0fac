import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FailureReport } from '../../../src/options/options.js';
import { refuse } from '../../../src/protocol/answers.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import {
  baseOptions,
  callbackOf,
  jsonOf,
  NOW,
  queryOf,
  requestOf,
  signedQueryFor,
} from '../../support/requests.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('receive', () => {
  it('hands a typed event to the handler and its answer back', async () => {
    const handle = vi.fn(() => refuse('no'));
    const handler = new CallbackHandler({ ...baseOptions, handlers: { [BEFORE]: handle } });
    const response = await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    expect(response).toMatchObject({ status: 200, closeConnection: false });
    expect(jsonOf(response)).toEqual({ ...OK, ErrorCode: 10100, ErrorInfo: 'no' });
    expect(handle).toHaveBeenCalledWith(
      expect.objectContaining({
        command: BEFORE,
        known: true,
        receivedAt: new Date(NOW),
        clientIp: '192.0.2.7',
      }),
    );
  });

  it.each(['', '{}', ' '])('answers the try of the URL (%j) and runs no handler', async (text) => {
    const never = vi.fn(() => refuse());
    const handler = new CallbackHandler({ ...baseOptions, beforeHook: never, defaultHandler: never });
    for (const more of [
      {},
      { CallbackCommand: undefined },
      { CallbackCommand: undefined, SdkAppid: undefined },
    ]) {
      const response = await handler.receive(requestOf(await signedQueryFor(AFTER, more), text));
      expect(jsonOf(response)).toEqual(OK);
    }
    expect(never).not.toHaveBeenCalled();
  });

  it('does not take the try of the URL from a stranger', async () => {
    const handler = new CallbackHandler(baseOptions);
    expect((await handler.receive(requestOf(''))).status).toBe(401);
  });

  it('asks for the app and the command as soon as there is a body', async () => {
    const handler = new CallbackHandler(baseOptions);
    for (const more of [{ SdkAppid: undefined }, { CallbackCommand: undefined }]) {
      const response = await handler.receive(requestOf(await signedQueryFor(AFTER, more), '{"a":1}'));
      expect(response.status).toBe(400);
      expect(jsonOf(response)['ErrorInfo']).toMatch(/^query_invalid/);
    }
  });

  it('takes unsigned requests of any app where both checks are off', async () => {
    const handler = new CallbackHandler({ ...baseOptions, sdkAppId: false, token: false });
    const query = queryOf({ SdkAppid: '7', CallbackCommand: 'My.Command' });
    expect((await handler.receive(requestOf(query, { parsed: { a: 1 } }))).status).toBe(200);
  });

  it('reads nothing of a stranger’s body', async () => {
    const read = vi.fn(() => '');
    const handler = new CallbackHandler(baseOptions);
    const query = await signedQueryFor(AFTER, { Sign: 'a'.repeat(64) });
    const response = await handler.receive(requestOf(query, '', { read, received: false }));
    expect(response).toMatchObject({ status: 401, closeConnection: true });
    expect(read).not.toHaveBeenCalled();
  });

  it('keeps the connection when something fails after the body was read to its end', async () => {
    const read = async () => '{"a"';
    const request = requestOf(await signedQueryFor(AFTER), '', { read, received: false });
    const response = await new CallbackHandler(baseOptions).receive(request);
    expect(response).toMatchObject({ status: 400, closeConnection: false });
  });

  it('lets invalid bodies through with their issues where the owner wants them', async () => {
    const defaultHandler = vi.fn(() => undefined);
    const handler = new CallbackHandler({ ...baseOptions, invalidBody: 'accept', defaultHandler });
    expect((await handler.receive(await callbackOf(AFTER, { a: 1 }))).status).toBe(200);
    expect(defaultHandler).toHaveBeenCalledWith(
      expect.objectContaining({ issues: [expect.objectContaining({ message: 'is missing' })] }),
    );
  });

  it("asks the user's own schemas, too", async () => {
    const schemas = { 'My.Command': { required: ['n'] }, [AFTER]: { required: ['CloudCustomData'] } };
    const handler = new CallbackHandler({ ...baseOptions, schemas });
    await handler.ready();
    expect((await handler.receive(await callbackOf('My.Command', { n: 1 }))).status).toBe(200);
    const response = await handler.receive(await callbackOf('My.Command', { a: 1 }));
    expect(jsonOf(response)['ErrorInfo']).toBe('body_invalid: /n is missing');
    const { CloudCustomData: _, ...without } = sampleBody(AFTER);
    expect((await handler.receive(await callbackOf(AFTER, without))).status).toBe(400);
    const accepting = new CallbackHandler({ ...baseOptions, schemas, invalidBody: 'accept' });
    expect((await accepting.receive(await callbackOf(AFTER, without))).status).toBe(200);
  });

  it('answers a repetition with the first answer where de-duplication is on', async () => {
    let runs = 0;
    const kept = new Map<string, string>();
    const store = {
      get: (key: string) => kept.get(key),
      set(key: string, value: string) {
        kept.set(key, value);
      },
    };
    const handler = new CallbackHandler({
      ...baseOptions,
      dedupe: { store },
      defaultHandler: () => refuse(++runs + 100),
    });
    for (const code of [101, 101]) {
      const request = requestOf(await signedQueryFor('My.Command', { RequestID: 'r' }), '{"a":1}');
      expect(jsonOf(await handler.receive(request))['ErrorCode']).toBe(code);
    }
    expect(runs).toBe(1);
  });

  it('reports a store that fails and handles the event', async () => {
    const reports: FailureReport[] = [];
    const away = () => Promise.reject(new Error('away'));
    const handler = new CallbackHandler({
      ...baseOptions,
      dedupe: { store: { get: away, set: away } },
      onError: (report) => reports.push(report),
    });
    const request = requestOf(await signedQueryFor('My.Command', { RequestID: 'r' }), '{"a":1}');
    expect((await handler.receive(request)).status).toBe(200);
    expect(reports.map(({ kind, command }) => [kind, command])).toEqual([
      ['store', 'My.Command'],
      ['store', 'My.Command'],
    ]);
  });

  it('says once that a code is outside of the documented range, and sends it', async () => {
    const warn = vi.fn();
    const logger = { debug() {}, warn, error() {} };
    const handler = new CallbackHandler({ ...baseOptions, logger, handlers: { [BEFORE]: () => refuse(7) } });
    for (const _ of [1, 2]) {
      expect(jsonOf(await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE))))['ErrorCode']).toBe(
        7,
      );
    }
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe('an application that has another global Promise', () => {
  it('gets the answers of async hooks and handlers, and bodies that have to be waited for', async () => {
    const handler = new CallbackHandler({
      ...baseOptions,
      beforeHook: async () => undefined,
      handlers: { [BEFORE]: async () => refuse('no') },
    });
    const bytes = new TextEncoder().encode(JSON.stringify(sampleBody(BEFORE)));
    const request = await callbackOf(BEFORE, {}, { received: false, read: async () => bytes });
    vi.stubGlobal('Promise', class extends Promise<unknown> {});
    expect(jsonOf(await handler.receive(request))).toMatchObject({ ErrorInfo: 'no' });
  });
});
