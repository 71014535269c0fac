import { describe, expect, it, vi } from 'vitest';
import { type EventInit, putAtRest } from '../../../src/protocol/received-event.js';
import cases from '../../fixtures/dedupe-keys.json' with { type: 'json' };
import { eventParams as params, eventOf as sample } from '../../support/event-of.js';

describe('an event', () => {
  it('says what its command and its parameters say', () => {
    expect(sample()).toMatchObject({
      command: 'Group.CallbackAfterSendMsg',
      phase: 'after',
      known: true,
      sdkAppId: '1400000000',
      platform: 'iOS',
      clientIp: '192.0.2.7',
      receivedAt: new Date(5),
      issues: [],
      attempt: 1,
      body: { GroupId: 'g' },
    });
    expect(sample({ command: 'constructor' })).toMatchObject({ phase: 'other', known: false });
  });

  it('makes its id once, or keeps the one it is given', () => {
    const event = sample();
    expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(event.id).toBe(event.id);
    expect(event.id).not.toBe(sample().id);
    expect(sample({ id: 'given' }).id).toBe('given');
  });

  it('makes its bytes once, when they are asked for', () => {
    let made = 0;
    const event = sample({
      rawBody: () => {
        made++;
        return Uint8Array.of(7);
      },
    });
    expect(made).toBe(0);
    expect(event.rawBody).toBe(event.rawBody);
    expect(made).toBe(1);
    const bytes = Uint8Array.of(1);
    expect(sample({ rawBody: bytes }).rawBody).toBe(bytes);
  });

  it('has a signal of its own that never aborts, or the one it is given', () => {
    const event = sample();
    expect(event.signal).toBe(event.signal);
    expect(event.signal.aborted).toBe(false);
    const { signal } = new AbortController();
    expect(sample({ signal: () => signal }).signal).toBe(signal);
  });

  it('gives fields that its type does not know, but nothing inherited', () => {
    const event = sample({ body: JSON.parse('{"New":1,"__proto__":2}') });
    expect(event.extra('New')).toBe(1);
    expect(event.extra('__proto__')).toBe(2);
    for (const name of ['constructor', 'toString', 'Old']) expect(event.extra(name)).toBeUndefined();
    expect(sample({ body: [1] }).extra('0')).toBeUndefined();
  });

  it('is the same for another attempt but for its number and its signal', () => {
    const issues = [{ path: '/x', message: 'is missing' }];
    const event = sample({ issues });
    const { signal } = new AbortController();
    const again = event.forAttempt(2, () => signal);
    expect(again).toMatchObject({ id: event.id, attempt: 2, command: event.command, issues });
    expect(again.body).toBe(event.body);
    expect(again.signal).toBe(signal);
    expect(event.attempt).toBe(1);
  });

  it('is written as the Go package writes it, with its id and time', () => {
    const event = sample({ rawBody: new TextEncoder().encode('{}'), id: 'i', receivedAt: 9 });
    expect(JSON.parse(JSON.stringify(event))).toEqual({
      CallbackCommand: 'Group.CallbackAfterSendMsg',
      URLParams: params,
      Body: 'e30=',
      Handler: {},
      Id: 'i',
      ReceivedAt: 9,
    });
    expect(sample().toJSON().Body).toBeNull();
  });
});

describe('the time of an event', () => {
  it.each<[object, number | undefined]>([
    [{ EventTime: 1739000950123 }, 1739000950123],
    [{ EventTime: '1739000950' }, 1739000950_000],
    [{ CallbackTs: 1739000950 }, 1739000950_000],
    [{ RoomInfo: { EventTime: 1739000950 } }, 1739000950_000],
    [{ Events: [{ EventTime: 1739000950 }, { EventTime: 1 }] }, 1739000950_000],
    [{ EventTime: 'x', CallbackTs: 1739000950 }, 1739000950_000],
    [{ Events: [] }, undefined],
    [{ Events: [null] }, undefined],
    [{ Events: 'x', RoomInfo: [] }, undefined],
    [{}, undefined],
  ])('of %j is %j', (body, wanted) => {
    expect(sample({ body }).time?.getTime()).toBe(wanted);
  });
});

describe('an event at rest', () => {
  /** An event whose body is made again of its bytes, and how often it was. */
  function resting(init: Partial<EventInit> = {}) {
    const bodyAgain = vi.fn<(rawBody: Uint8Array, command: string) => unknown>((rawBody) => ({
      again: new TextDecoder().decode(rawBody),
    }));
    const event = sample({ rawBody: new TextEncoder().encode('bytes'), bodyAgain, ...init });
    putAtRest(event);
    return { event, bodyAgain };
  }

  it('makes its body again, once, when it is asked for', () => {
    const { event, bodyAgain } = resting();
    expect(bodyAgain).not.toHaveBeenCalled();
    expect(event.body).toEqual({ again: 'bytes' });
    expect(event.body).toBe(event.body);
    expect(bodyAgain.mock.calls.map(([, command]) => command)).toEqual(['Group.CallbackAfterSendMsg']);
    expect(event.extra('again')).toBe('bytes');
  });

  it('stays at rest when an attempt made of it is not', () => {
    const { event, bodyAgain } = resting();
    const attempt = event.forAttempt(2, () => new AbortController().signal);
    expect(attempt.body).toEqual(attempt.body);
    expect(bodyAgain).toHaveBeenCalledOnce();
    expect(event.body).not.toBe(attempt.body);
    expect(attempt.id).toBe(event.id);
  });

  it('keeps what else it has', () => {
    const { event } = resting({ id: 'given', attempt: 3, issues: [{ path: '/a', message: 'b' }] });
    expect(event).toMatchObject({
      id: 'given',
      attempt: 3,
      issues: [{ path: '/a', message: 'b' }],
      params,
      receivedAt: new Date(5),
    });
  });

  it('holds no buffer beside its bytes', () => {
    const request = new TextEncoder().encode('headers bytes');
    const { event } = resting({ rawBody: request.subarray(8) });
    expect(event.rawBody.buffer.byteLength).toBe(5);
    expect(event.body).toEqual({ again: 'bytes' });
    const own = resting({ rawBody: request }).event;
    expect(own.rawBody).toBe(request);
    const later = resting({ rawBody: () => request.subarray(8) }).event;
    expect(new TextDecoder().decode(later.rawBody)).toBe('bytes');
  });

  it('holds nothing of its request by the signal', () => {
    const signal = vi.fn(() => AbortSignal.abort());
    expect(resting({ signal }).event.signal.aborted).toBe(false);
    expect(signal).not.toHaveBeenCalled();
  });

  it('is one whose body can be made again: no other is changed', () => {
    const event = sample();
    const { body } = event;
    putAtRest(event);
    expect(event.body).toBe(body);
    // As that of another copy of this package is.
    expect(() => putAtRest(Object.create(null))).not.toThrow();
  });
});

describe('dedupeKey', () => {
  it.each(cases)('$title', ({ command, body, requestId, key }) => {
    const event = sample({
      command,
      body,
      params: requestId === undefined ? params : { ...params, RequestId: requestId },
    });
    expect(event.dedupeKey ?? null).toEqual(key === null ? null : JSON.stringify(key));
  });
});

describe('the trace context of an event', () => {
  const TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;

  it('is what came, if that is one', () => {
    expect(sample({ traceparent: TRACE }).traceparent).toBe(TRACE);
    for (const traceparent of [
      undefined,
      '',
      `${TRACE}, ${TRACE}`,
      TRACE.toUpperCase().replaceAll('1', 'A'),
      'x',
    ]) {
      expect(sample({ traceparent }).traceparent).toBeUndefined();
    }
  });

  it('can be replaced; the event is the same', () => {
    const event = sample();
    const traced = event.withTraceparent(TRACE);
    expect([traced.id, traced.traceparent, event.traceparent]).toEqual([event.id, TRACE, undefined]);
    expect(traced.forAttempt(2, () => new AbortController().signal)).toMatchObject({
      attempt: 2,
      traceparent: TRACE,
    });
  });
});
