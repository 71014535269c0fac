import { describe, expect, it } from 'vitest';
import { storedEventFrom, storedEventOf } from '../../../src/protocol/stored-event.js';
import goItem from '../../fixtures/go-list-item.json' with { type: 'json' };

const coded = expect.objectContaining({ code: 'body_not_json' });

describe('storedEventOf', () => {
  it('writes what storedEventFrom reads', () => {
    const { params, rawBody } = storedEventFrom(goItem);
    const params2 = {
      OptPlatform: '',
      ClientIP: '',
      ContentType: '',
      CallbackCommand: '',
      SdkAppid: '',
      ...params,
    };
    for (const bytes of [rawBody, new Uint8Array()]) {
      const event = { command: 'x', params: params2, rawBody: bytes, id: 'i', receivedAt: new Date(9) };
      const text = JSON.stringify(storedEventOf(event));
      expect(storedEventFrom(text)).toEqual({
        params: params2,
        rawBody: Buffer.from(bytes),
        id: 'i',
        receivedAt: 9,
      });
    }
  });
});

describe('storedEventFrom', () => {
  it('takes what the Go package writes, as text or parsed', () => {
    for (const item of [goItem, JSON.stringify(goItem)]) {
      const { params, rawBody, id, receivedAt } = storedEventFrom(item);
      expect(params).toEqual(goItem.URLParams);
      expect(JSON.parse(new TextDecoder().decode(rawBody))).toMatchObject({ GroupId: '@TGS#1' });
      expect(id).toBeUndefined();
      expect(receivedAt).toBeUndefined();
    }
  });

  it('takes the id and the time that this package adds', () => {
    const item = { ...goItem, Id: 'i1', ReceivedAt: 12, URLParams: { ...goItem.URLParams, RequestId: 'r' } };
    expect(storedEventFrom(item)).toMatchObject({ id: 'i1', receivedAt: 12, params: { RequestId: 'r' } });
    expect(storedEventFrom({ ...goItem, Id: '', ReceivedAt: '12' })).toMatchObject({
      id: undefined,
      receivedAt: undefined,
    });
    expect(storedEventFrom({ ...goItem, Id: 7 }).id).toBeUndefined();
  });

  it('takes the trace context that this package adds', () => {
    const event = {
      command: 'x',
      params: goItem.URLParams,
      rawBody: new Uint8Array(),
      id: 'i',
      receivedAt: new Date(9),
    };
    const stored = storedEventOf({ ...event, traceparent: '00-1-2-01' });
    expect(storedEventFrom(stored).traceparent).toBe('00-1-2-01');
    expect(storedEventOf(event)).not.toHaveProperty('Traceparent');
    expect(storedEventFrom({ ...goItem, Traceparent: 7 })).not.toHaveProperty('traceparent');
  });

  it('takes no body, null and an empty one for empty', () => {
    for (const Body of [undefined, null, '']) {
      expect(storedEventFrom({ ...goItem, Body }).rawBody.byteLength).toBe(0);
    }
  });

  it('leaves out parameters that it does not know or that are no text', () => {
    const URLParams = { SdkAppid: 7, CallbackCommand: 'x', Other: 'y', ClientIP: null };
    expect(storedEventFrom({ URLParams }).params).toEqual({ CallbackCommand: 'x' });
  });

  it.each([
    null,
    undefined,
    7,
    'x',
    '',
    '[]',
    '{}',
    '{"URLParams":null}',
    '{"URLParams":[]}',
    { URLParams: 'x' },
  ])('does not take %j for an event', (item) => {
    expect(() => storedEventFrom(item)).toThrow(coded);
  });

  it.each([7, {}, [], true, 'no base64!', 'YQ'])('does not take the body %j', (Body) => {
    expect(() => storedEventFrom({ ...goItem, Body })).toThrow(coded);
  });
});
