import { describe, expect, it } from 'vitest';
import type { Positions } from '../../../src/generated/absences.js';
import { dropAbsent } from '../../../src/protocol/absence.js';

function dropped(value: unknown, at: Positions | string): unknown {
  const before = JSON.stringify(value);
  expect(dropAbsent(value, at)).toBe(JSON.stringify(value) !== before);
  return value;
}

describe('dropAbsent', () => {
  it('removes null from the fields that may be missing, and from no other', () => {
    const value = { a: null, b: null, c: 1, other: null };
    expect(dropped(value, { optional: ['a', 'c', 'd'] })).toEqual({ b: null, c: 1, other: null });
  });

  it('removes an empty text only where a time is meant', () => {
    const at = { optional: ['Time', 'Text'], times: ['Time'] };
    expect(dropped({ Time: '', Text: '' }, at)).toEqual({ Text: '' });
    expect(dropped({ Time: '0', Text: null }, at)).toEqual({ Time: '0' });
  });

  it('looks into fields, items and both, however deep', () => {
    const at = { fields: { list: { items: { optional: ['a'], fields: { in: { optional: ['b'] } } } } } };
    const value = { list: [{ a: null }, { in: { b: null, c: null } }, null, 'text', [null]] };
    expect(dropped(value, at)).toEqual({ list: [{}, { in: { c: null } }, null, 'text', [null]] });
  });

  it('takes further positions by the text in a field', () => {
    const at = { by: 'Type', cases: { A: { fields: { in: { optional: ['a'] } } } } };
    expect(dropped({ Type: 'A', in: { a: null } }, at)).toEqual({ Type: 'A', in: {} });
    for (const Type of ['B', 'constructor', '__proto__', null, 1, ['A']]) {
      expect(dropped({ Type, in: { a: null } }, at)).toEqual({ Type, in: { a: null } });
    }
  });

  it('follows names of shared positions, which may hold themselves', () => {
    const text = { MsgType: 'TIMTextElem', MsgContent: { Text: null, Other: null } };
    const bundle = (MsgBody: unknown) => [
      { MsgType: 'TIMRelayElem', MsgContent: { Title: null, MsgList: [{ GroupId: null, MsgBody }] } },
    ];
    expect(dropped(bundle(bundle([text])), 'message-body')).toEqual([
      {
        MsgType: 'TIMRelayElem',
        MsgContent: {
          MsgList: [
            {
              MsgBody: [
                {
                  MsgType: 'TIMRelayElem',
                  MsgContent: {
                    MsgList: [{ MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Other: null } }] }],
                  },
                },
              ],
            },
          ],
        },
      },
    ]);
  });

  it.each([[null], [undefined], [1], ['text'], [[]], [[null]]])('leaves %j alone', (value) => {
    expect(dropAbsent(value, { optional: ['length', '0'] })).toBe(false);
  });
});
