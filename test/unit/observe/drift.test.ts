import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Drift, MAX_ENTRIES } from '../../../src/observe/drift.js';
import type { CallbackMessage } from '../../../src/observe/message.js';
import { COMMANDS, type Command } from '../../../src/protocol/commands.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf, requestOf, signedQueryFor } from '../../support/requests.js';

const AFTER = 'Group.CallbackAfterSendMsg';

async function loaded(): Promise<Drift> {
  const drift = new Drift(1);
  await drift.load();
  return drift;
}

/** What is seen in a body, in short. */
async function seenIn(body: unknown, command: Command = AFTER): Promise<string[]> {
  return (await loaded())
    .look(command, true, body)
    .map(({ kind, path, value }) => [kind, path, ...(value === undefined ? [] : [value])].join(' '))
    .sort();
}

const whole = { GroupId: '1', From_Account: 'a', MsgBody: [] };

describe('a body that is compared', () => {
  it.each(COMMANDS.map(({ name }) => name))('differs in no field from the sample of %s', async (command) => {
    const seen = await seenIn(sampleBody(command), command);
    expect(seen.filter((entry) => !entry.startsWith('converted'))).toEqual([]);
  });

  it('shows fields that nobody knows, wherever they are', async () => {
    const text = { MsgType: 'TIMTextElem', MsgContent: { Text: 'private', Colour: 'private' }, Size: 1 };
    const body = { ...whole, NewField: { private: 1 }, '张三 private': 1, MsgBody: [text, text] };
    expect(await seenIn(body)).toEqual([
      'unknown_field *',
      'unknown_field MsgBody[].MsgContent.Colour',
      'unknown_field MsgBody[].Size',
      'unknown_field NewField',
    ]);
  });

  it('shows values that open sets lack, and no text of people', async () => {
    expect(
      await seenIn({ ...whole, Type: 'Hall', MsgBody: [{ MsgType: 'TIMNewElem', MsgContent: {} }] }),
    ).toEqual(['unknown_value MsgBody[].MsgType TIMNewElem', 'unknown_value Type Hall']);
    expect(await seenIn({ ...whole, Type: 'a text of somebody' })).toEqual(['unknown_value Type *']);
    expect(await seenIn({ ...whole, Type: 'Public', MsgBody: [{ MsgType: 7, MsgContent: {} }] })).toEqual([]);
    expect(await seenIn({ ...whole, Type: '' })).toEqual([]);
  });

  it('shows which fields had to be converted, and from what', async () => {
    const place = { MsgType: 'TIMLocationElem', MsgContent: { Latitude: 7, Longitude: '7.5' } };
    expect(await seenIn({ ...whole, From_Account: 7, MsgSeq: '7', Random: 1.5, MsgBody: [place] })).toEqual([
      'converted From_Account integer for string',
      'converted MsgBody[].MsgContent.Longitude string for number',
      'converted MsgSeq string for integer',
      'converted Random number for integer',
    ]);
    expect(await seenIn({ ...whole, From_Account: ['a'] })).toEqual([
      'converted From_Account array for string',
    ]);
    expect(await seenIn({ ...whole, From_Account: null, MsgSeq: undefined, MsgBody: 'text' })).toEqual([]);
  });

  it('shows which required fields are missing', async () => {
    expect(await seenIn({ GroupId: '1', MsgBody: [{ MsgType: 'TIMTextElem' }] })).toEqual([
      'missing From_Account',
      'missing MsgBody[].MsgContent',
    ]);
    expect(await seenIn('no object')).toEqual([]);
  });

  it('is not looked at for ever, however deep and long it is', async () => {
    let relay: unknown = { MsgType: 'TIMTextElem', MsgContent: { Deep: 1 } };
    for (let level = 0; level < 20; level++) {
      relay = { MsgType: 'TIMRelayElem', MsgContent: { MsgList: [{ MsgBody: [relay] }] } };
    }
    expect(await seenIn({ ...whole, MsgBody: [relay] })).toEqual([]);
    const many = Array.from({ length: 50 }, (_, index) => ({ MsgType: `T${index}`, MsgContent: {} }));
    expect(await seenIn({ ...whole, MsgBody: many })).toHaveLength(20);
    const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 1]));
    expect(await seenIn({ ...whole, ...fields })).toHaveLength(MAX_ENTRIES);
  });
});

describe('what was seen', () => {
  it('is counted by callback, bounded for each command, and told as text', async () => {
    const drift = await loaded();
    for (let time = 0; time < 2; time++) drift.look(AFTER, true, { ...whole, Type: 'Hall', New: 1 });
    drift.look('My.Command', false, { Name: 'somebody' });
    drift.look('of somebody', false, {});
    expect(drift.report()).toEqual({
      looked: 4,
      leftOut: 0,
      entries: [
        { command: AFTER, kind: 'unknown_value', path: 'Type', value: 'Hall', count: 2 },
        { command: AFTER, kind: 'unknown_field', path: 'New', count: 2 },
        { command: 'other', kind: 'unknown_command', path: '', value: 'My.Command', count: 1 },
        { command: 'other', kind: 'unknown_command', path: '', value: '*', count: 1 },
      ],
      text: [
        'drift in 4 callbacks, 4 kinds',
        `2 ${AFTER} unknown_value Type Hall`,
        `2 ${AFTER} unknown_field New`,
        '1 other unknown_command My.Command',
        '1 other unknown_command *',
      ].join('\n'),
    });
    for (let index = 0; index < MAX_ENTRIES + 8; index++) drift.look(`My.Command${index}`, false, {});
    const { entries, leftOut, text } = drift.report();
    expect([entries.length, leftOut]).toEqual([2 + MAX_ENTRIES, 10]);
    expect(text).toContain('10 left out');
  });

  it('is of one callback in so many', async () => {
    const drift = new Drift(3);
    expect(Array.from({ length: 7 }, () => drift.isDue())).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});

it('sees nothing, and harms nobody, where what is known cannot be loaded', async () => {
  vi.resetModules();
  vi.doMock('../../../src/generated/fields.js', () => {
    throw new Error('left out of the bundle');
  });
  onTestFinished(() => {
    vi.doUnmock('../../../src/generated/fields.js');
  });
  const { Drift: Alone } = await import('../../../src/observe/drift.js');
  const drift = new Alone(1);
  expect(drift.look(AFTER, true, whole)).toEqual([]);
  await expect(drift.load()).rejects.toThrow();
  expect(drift.look(AFTER, true, whole)).toEqual([]);
  expect(drift.report().looked).toBe(0);
});

describe('a receiver', () => {
  const options = { ...baseOptions, drift: 1 };
  const body = { ...sampleBody(AFTER), NewField: 7 };

  it('looks at callbacks as they came, tells of it in its messages, and refuses none for it', async () => {
    const told: CallbackMessage[] = [];
    const handler = new CallbackHandler({ ...options, observe: (message) => told.push(message) });
    await vi.waitFor(async () => {
      expect((await handler.receive(await callbackOf(AFTER, { ...body, From_Account: 7 }))).status).toBe(200);
      expect(handler.drift().looked).toBe(1);
    });
    expect(handler.drift().entries).toEqual(
      expect.arrayContaining([
        { command: AFTER, kind: 'unknown_field', path: 'NewField', count: 1 },
        { command: AFTER, kind: 'converted', path: 'From_Account', value: 'integer for string', count: 1 },
      ]),
    );
    expect(told.findLast(({ operation }) => operation === 'receive')?.drift).toEqual(handler.drift().entries);
  });

  it('looks at every body that is refused, also at one that another parser has read', async () => {
    const handler = new CallbackHandler({ ...baseOptions });
    const query = await signedQueryFor(AFTER);
    await vi.waitFor(async () => {
      expect((await handler.receive(requestOf(query, '{"GroupId":"1"}'))).status).toBe(400);
      expect(handler.drift().looked).toBeGreaterThan(0);
    });
    const { looked } = handler.drift();
    await handler.receive(requestOf(query, { parsed: { GroupId: '1' } }));
    await handler.receive(requestOf(await signedQueryFor('My.Command'), '{"a":1}'));
    expect(handler.drift()).toMatchObject({
      looked: looked + 1,
      entries: [
        { command: AFTER, kind: 'missing', path: 'From_Account', count: looked + 1 },
        { command: AFTER, kind: 'missing', path: 'MsgBody', count: looked + 1 },
      ],
    });
  });

  it('looks at none where that is switched off', async () => {
    const handler = new CallbackHandler({ ...baseOptions, drift: false });
    await handler.receive(await callbackOf(AFTER, body));
    await handler.receive(requestOf(await signedQueryFor(AFTER), '{"GroupId":"1"}'));
    expect(handler.drift()).toMatchObject({ looked: 0, entries: [] });
  });
});
