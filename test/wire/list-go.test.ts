/** The Go package and this one share a list: each takes what the other pushed. */

import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { FailureReport } from '../../src/options/options.js';
import { queued } from '../../src/options/routes.js';
import type { AnyCallbackEvent } from '../../src/protocol/event.js';
import { listQueue } from '../../src/queue/list/list.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import go from '../fixtures/go-list-items.json' with { type: 'json' };
import { CLIENTS, freshKey, removeKeys, type TestClient } from '../support/redis-clients.js';
import { baseOptions, callbackOf, jsonOf, NOW } from '../support/requests.js';

const url = inject('redisUrl');
const COMMAND = 'Group.CallbackAfterSendMsg';
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 5 });

describe.skipIf(url === '').each(Object.entries(CLIENTS))(
  'a list shared with the Go package, %s',
  (_, connect) => {
    let client: TestClient;
    let key: string;
    let events: AnyCallbackEvent[];
    let reports: FailureReport[];
    let receiver: CallbackHandler | undefined;
    /** What handlers do. */
    let handle: (event: AnyCallbackEvent) => void;

    beforeEach(async () => {
      client = await connect(url);
      key = freshKey();
      events = [];
      reports = [];
      handle = () => undefined;
    });

    afterEach(async () => {
      await receiver?.close({ timeoutMs: 0 });
      receiver = undefined;
      await removeKeys(client, key);
      client.end();
    });

    function receive(): CallbackHandler {
      const run = (event: AnyCallbackEvent) => {
        events.push(event);
        handle(event);
      };
      const report = (failure: FailureReport) => reports.push(failure);
      receiver = new CallbackHandler({
        ...baseOptions,
        handlers: { [COMMAND]: queued(run) },
        otherHandlers: { 'Own.Command': queued<string>(run) },
        onInvalid: report,
        onError: report,
        queue: listQueue(client.cache(), {
          key,
          attempts: 2,
          backoff: { initialMs: 1, maxMs: 1 },
          blockMs: 50,
        }),
      });
      return receiver;
    }

    it('handles what Go pushed', async () => {
      await client.send('RPUSH', key, go.message, go.withoutBody);
      receive();
      await until(() => expect(events).toHaveLength(2));
      const [message, bare] = events;
      expect(message).toMatchObject({
        command: COMMAND,
        platform: 'iOS',
        body: { GroupId: '@TGS#1', Random: 7 },
      });
      expect(message?.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(message?.receivedAt.getTime()).toBe(NOW);
      expect(bare).toMatchObject({ command: 'Own.Command', known: false, platform: 'a&b<>', body: {} });
      expect(bare?.rawBody.byteLength).toBe(0);
      expect(reports).toEqual([]);
    });

    it('runs what Go pushed again under the same id, and keeps it readable for Go when it is dead', async () => {
      handle = () => {
        throw new Error('broken');
      };
      await client.send('RPUSH', key, go.message);
      receive();
      await until(() => expect(reports.map(({ kind }) => kind)).toEqual(['retry', 'dead']));
      expect(new Set(events.map(({ id }) => id)).size).toBe(1);
      expect(events.map(({ attempt }) => attempt)).toEqual([1, 2]);
      await until(async () => expect(await client.send('LLEN', `${key}:dead`)).toBe(1));
      const [dead] = (await client.send('LRANGE', `${key}:dead`, '0', '-1')) as string[];
      expect(JSON.parse(String(dead))).toEqual({
        ...(JSON.parse(go.message) as object),
        Id: events[0]?.id,
        ReceivedAt: NOW,
        Runs: 2,
      });
    });

    it('pushes what Go can read: its keys first and of its kinds, and more that it ignores', async () => {
      const queue = listQueue(client.cache(), { key });
      // No `start`: nobody takes it.
      vi.spyOn(queue, 'start').mockImplementation(() => undefined);
      receiver = new CallbackHandler({
        ...baseOptions,
        handlers: { [COMMAND]: queued(() => undefined) },
        queue,
      });
      const body = { GroupId: '@TGS#1', From_Account: 'mika', MsgBody: [], Text: '<中文&>' };
      expect(jsonOf(await receiver.receive(await callbackOf(COMMAND, body)))).toMatchObject({
        ErrorCode: 0,
      });
      const [text] = (await client.send('LRANGE', key, '0', '-1')) as string[];
      const item = JSON.parse(String(text)) as Record<string, unknown>;
      expect(Object.keys(item)).toEqual([...go.keys, 'Id', 'ReceivedAt']);
      expect(Object.keys(item['URLParams'] as object)).toEqual(expect.arrayContaining(go.params));
      for (const value of Object.values(item['URLParams'] as object)) expect(value).toBeTypeOf('string');
      expect(JSON.parse(Buffer.from(String(item['Body']), 'base64').toString())).toEqual(body);
      expect(item['Handler']).toEqual({});
    });

    it('keeps what cannot be decoded under <key>:invalid, as it came, and reports it', async () => {
      const wrong = ['no event', '{"URLParams":7}', go.withoutBody.replaceAll('Own.Command', COMMAND)];
      await client.send('RPUSH', key, ...wrong, go.message);
      receive();
      await until(() => expect(events).toHaveLength(1));
      await until(async () => {
        const kept = (await client.send('LRANGE', `${key}:invalid`, '0', '-1')) as string[];
        expect(kept.toSorted()).toEqual(wrong.toSorted());
      });
      expect(reports.map(({ kind }) => kind)).toEqual(['invalid', 'invalid', 'invalid']);
      expect(reports.map(({ error }) => error.code)).toEqual([
        'body_not_json',
        'body_not_json',
        'body_invalid',
      ]);
    });
  },
);
