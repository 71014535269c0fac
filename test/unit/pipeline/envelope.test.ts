import { describe, expect, it, vi } from 'vitest';
import { readEnvelope } from '../../../src/pipeline/envelope.js';

const read = (query: string, method = 'POST') => readEnvelope({ method, query });
const codeOf = (query: string) => expect.objectContaining({ code: query });

describe('readEnvelope', () => {
  it('reads what the vendor sends', () => {
    const envelope = read(
      'SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterSendMsg&contenttype=json&ClientIP=192.0.2.7' +
        '&OptPlatform=iOS&RequestID=r1&Sign=ab&RequestTime=12',
    );
    expect(envelope).toMatchObject({
      params: {
        SdkAppid: '1400000000',
        CallbackCommand: 'Group.CallbackAfterSendMsg',
        ContentType: 'json',
        ClientIP: '192.0.2.7',
        OptPlatform: 'iOS',
        RequestId: 'r1',
      },
      sign: 'ab',
      requestTime: '12',
    });
    expect(envelope.entry?.info.name).toBe('Group.CallbackAfterSendMsg');
  });

  it('gives empty text for what is absent, and no RequestId', () => {
    expect(read('')).toStrictEqual({
      params: { SdkAppid: '', CallbackCommand: '', ContentType: '', ClientIP: '', OptPlatform: '' },
      entry: undefined,
      sign: '',
      requestTime: '',
    });
  });

  it('resolves an alias for the entry and keeps the name as it came', () => {
    const envelope = read('CallbackCommand=Room.CallbackUpdateRoomInfo');
    expect(envelope.entry?.info.aliases).toContain('Room.CallbackUpdateRoomInfo');
    expect(envelope.params.CallbackCommand).toBe('Room.CallbackUpdateRoomInfo');
  });

  it('matches names without case, also encoded ones', () => {
    expect(read('SDKAPPID=1&callbackcommand=a&%53ign=b&REQUESTTIME=2&requestid=3')).toMatchObject({
      params: { SdkAppid: '1', CallbackCommand: 'a', RequestId: '3' },
      sign: 'b',
      requestTime: '2',
    });
  });

  it('decodes values, and leaves alone what is no encoded text', () => {
    expect(read('ClientIP=%E4%B8%AD+x').params.ClientIP).toBe('中 x');
    expect(read('ClientIP=100%+x').params.ClientIP).toBe('100% x');
    expect(read('ClientIP=a+b').params.ClientIP).toBe('a b');
    expect(read('ClientIP=a=b').params.ClientIP).toBe('a=b');
  });

  it('takes a name without a value, empty parts and unknown names as they come', () => {
    expect(read('&&SdkAppid&x=1&=2&__proto__=3&constructor=4&toString&').params.SdkAppid).toBe('');
    for (const query of ['x&SdkAppid=7', '&SdkAppid=7', '=&SdkAppid=7'])
      expect(read(query).params.SdkAppid, query).toBe('7');
  });

  it.each([
    'SdkAppid=1&sdkappid=1',
    'CallbackCommand=a&CallbackCommand=',
    'ClientIP&clientip',
    'RequestID=1&RequestId=1',
  ])('refuses %s, which gives a name twice', (query) => {
    expect(() => read(query)).toThrow(
      /^query_invalid: (SdkAppid|CallbackCommand|ClientIP|RequestId) is given twice$/,
    );
  });

  it.each(['Sign=a&sign=a', 'RequestTime=1&%52equesttime=1'])('calls %s an invalid signature', (query) => {
    expect(() => read(query)).toThrow(/^signature_invalid: (Sign|RequestTime) is given twice$/);
  });

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS', 'post', ''])('refuses the method %j', (method) => {
    expect(() => read('', method)).toThrow(codeOf('method_not_allowed'));
  });

  it('does not take array-like names for the ones it knows', () => {
    expect(read('SdkAppid[]=1&SdkAppid[0]=2').params.SdkAppid).toBe('');
  });

  it('refuses a query that is longer than any of the vendor, before it looks into it', () => {
    expect(read(`SdkAppid=7&x=${'a'.repeat(16_384 - 13)}`).params.SdkAppid).toBe('7');
    expect(() => read(`SdkAppid=7&x=${'a'.repeat(16_384 - 12)}`)).toThrow(
      'query_invalid: the query has over 16384 characters',
    );
    expect(read(`${'&'.repeat(63)}SdkAppid=7`).params.SdkAppid).toBe('7');
    expect(() => read(`${'&'.repeat(64)}SdkAppid=7`)).toThrow(
      'query_invalid: the query has over 64 parameters',
    );
  });

  it('decodes each of its fields once at most, and no name that is not one of them', () => {
    const decode = vi.spyOn(globalThis, 'decodeURIComponent');
    try {
      read('%FF=1&%E4%B8%AD=2&%=3&%zz=4&x=%41&Sign=%zz&ClientIP=%FF&OptPlatform=%69OS');
      expect(decode.mock.calls).toEqual([['%FF'], ['%69OS']]);
    } finally {
      decode.mockRestore();
    }
  });
});
