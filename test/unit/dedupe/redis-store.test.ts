import { describe, expect, inject, it } from 'vitest';
import { type RedisDedupeClient, redisDedupeStore } from '../../../src/dedupe/redis-store.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { CLIENTS, freshKey, removeKeys } from '../../support/redis-clients.js';
import { baseOptions, callbackOf, jsonOf } from '../../support/requests.js';

const url = inject('redisUrl');

describe.skipIf(url === '').each(Object.entries(CLIENTS))(
  'redisDedupeStore on real Redis, %s',
  (_, connect) => {
    it('keeps a text under its prefix for its time', async () => {
      const client = await connect(url);
      const prefix = freshKey();
      const store = redisDedupeStore(client.client, { prefix });
      expect(await store.get('a')).toBeUndefined();
      await store.set('a', 'first', 60_000);
      expect(await store.get('a')).toBe('first');
      expect(await client.send('GET', `${prefix}a`)).toBe('first');
      const left = Number(await client.send('PTTL', `${prefix}a`));
      expect(left).toBeGreaterThan(50_000);
      expect(left).toBeLessThanOrEqual(60_000);
      await store.set('b', 'short', 0.4);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await store.get('b')).toBeUndefined();
      await removeKeys(client, prefix);
      client.end();
    });

    it('gives a repetition that reaches another process the answer of the first', async () => {
      const client = await connect(url);
      const prefix = freshKey();
      let runs = 0;
      const make = () =>
        new CallbackHandler({
          ...baseOptions,
          dedupe: { store: redisDedupeStore(client.client, { prefix }) },
          handlers: {
            'Group.CallbackAfterSendMsg': () => {
              runs += 1;
            },
          },
        });
      for (const handler of [make(), make()]) {
        const request = await callbackOf(
          'Group.CallbackAfterSendMsg',
          sampleBody('Group.CallbackAfterSendMsg'),
        );
        expect(jsonOf(await handler.receive(request))).toMatchObject({ ErrorCode: 0 });
        await handler.close();
      }
      expect(runs).toBe(1);
      await removeKeys(client, prefix);
      client.end();
    });
  },
);

describe('redisDedupeStore', () => {
  it('has a prefix of its own', async () => {
    const sent: string[][] = [];
    const store = redisDedupeStore({
      isOpen: true,
      sendCommand: async (args) => {
        sent.push(args);
        return null;
      },
    });
    await store.get('a');
    expect(sent).toEqual([['GET', 'qcloud-im:dedupe:a']]);
  });

  it.each([undefined, null, 7, {}])('refuses the client %j', (client) => {
    expect(() => redisDedupeStore(client as unknown as RedisDedupeClient)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    );
  });
});
