/** Order per key, and the keys of conversations. */

import { describe, expect, it } from 'vitest';
import { byConversation, KeyOrder } from '../../../src/queue/order.js';
import { sampleEvent } from '../../support/queue-events.js';

describe('the order of a key', () => {
  it('lets one in and hands out the others in turn', () => {
    const order = new KeyOrder<string>();
    expect(['a', 'b', 'c'].map((job) => order.enter('key', job))).toEqual([true, false, false]);
    expect([order.leave('key'), order.leave('key'), order.leave('key')]).toEqual(['b', 'c', undefined]);
    expect(order.enter('key', 'd')).toBe(true);
  });

  it('is none of another key, whatever its name', () => {
    const order = new KeyOrder<string>();
    const keys = ['', 'key', '__proto__', 'constructor'];
    expect(keys.map((key) => order.enter(key, key))).toEqual([true, true, true, true]);
    expect(keys.map((key) => order.leave(key))).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('byConversation', () => {
  const keyOf = (body: Record<string, unknown>) => byConversation(sampleEvent('id', body));

  it('is the group', () => {
    const key = keyOf({ GroupId: '@TGS#1', From_Account: 'a' });
    expect(key).toBeTypeOf('string');
    expect(keyOf({ GroupId: '@TGS#1', From_Account: 'b', To_Account: 'c', TopicId: '' })).toBe(key);
    expect(keyOf({ GroupId: '@TGS#2', From_Account: 'a' })).not.toBe(key);
  });

  it('is the topic of a group, each by itself', () => {
    const topics = [undefined, 't1', 't2'].map((TopicId) => keyOf({ GroupId: 'g', TopicId }));
    expect(new Set(topics).size).toBe(3);
    expect(keyOf({ GroupId: 'g', TopicId: 't1' })).toBe(topics[1]);
  });

  it('is the two accounts, whichever of them wrote and whatever the fields are called', () => {
    const key = keyOf({ From_Account: 'a', To_Account: 'b' });
    expect(key).toBeTypeOf('string');
    expect(keyOf({ From_Account: 'b', To_Account: 'a' })).toBe(key);
    expect(keyOf({ Report_Account: 'b', Peer_Account: 'a' })).toBe(key);
    expect(keyOf({ Operator_Account: 'a', Peer_Account: 'b' })).toBe(key);
    expect(keyOf({ Operator_Account: 'z', From_Account: 'a', To_Account: 'b' })).toBe(key);
    expect(keyOf({ From_Account: 'a', To_Account: 'c' })).not.toBe(key);
  });

  it('is never the same for ids that run into each other', () => {
    expect(keyOf({ From_Account: 'a,b', To_Account: 'c' })).not.toBe(
      keyOf({ From_Account: 'a', To_Account: 'b,c' }),
    );
    expect(keyOf({ GroupId: 'c2c' })).not.toBe(keyOf({ From_Account: 'c2c', To_Account: 'c2c' }));
  });

  it.each([
    [{}],
    [{ From_Account: 'a' }],
    [{ From_Account: 'a', To_Account: '' }],
    [{ GroupId: 7 }],
    [{ Events: [{ GroupId: 'g' }] }],
  ])('is none for %o', (body) => {
    expect(keyOf(body)).toBeUndefined();
  });

  it.each([[null], ['text'], [undefined]])('is none for the body %s', (body) => {
    const event = { ...sampleEvent('id'), body } as unknown as Parameters<typeof byConversation>[0];
    expect(byConversation(event)).toBeUndefined();
  });
});
