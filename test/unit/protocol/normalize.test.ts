import { describe, expect, it } from 'vitest';
import { compilePlan, type Normalize, type Plan } from '../../../src/protocol/normalize.js';

const none = (name: string): Normalize => {
  throw new Error(name);
};
const run = (plan: Plan, value: unknown, shared = none): unknown => compilePlan(plan, shared)(value);

describe('conversions', () => {
  it.each([
    [1, '1'],
    [-7, '-7'],
    [2 ** 53 - 1, '9007199254740991'],
    [2 ** 53, 2 ** 53],
    [1.5, 1.5],
    ['x', 'x'],
    [null, null],
    [true, true],
  ])('string makes of %j %j', (value, wanted) => {
    expect(run('string', value)).toBe(wanted);
  });

  it.each([
    ['1', 1],
    ['-7', -7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['12345678901234567', '12345678901234567'],
    ['', ''],
    ['1.5', '1.5'],
    ['1e3', '1e3'],
    [' 1', ' 1'],
    ['-', '-'],
    [1, 1],
    [null, null],
  ])('integer makes of %j %j', (value, wanted) => {
    expect(run('integer', value)).toBe(wanted);
  });

  it.each([
    ['39.916527', 39.916527],
    ['-0.5', -0.5],
    ['3', 3],
    ['1.0E-5', 0.00001],
    ['9e99', 9e99],
    [2.5, 2.5],
    ['', ''],
    ['.5', '.5'],
    ['5.', '5.'],
    ['1e999', '1e999'],
    ['NaN', 'NaN'],
    ['12345678901234567', '12345678901234567'],
    [null, null],
  ])('number makes of %j %j', (value, wanted) => {
    expect(run('number', value)).toBe(wanted);
  });

  it('number leaves a list of digits alone', () => {
    const list = ['1'];
    expect(run('number', list)).toBe(list);
  });

  it('integer leaves a list of digits alone', () => {
    const list = ['1'];
    expect(run('integer', list)).toBe(list);
  });

  it.each([
    ['true', true],
    ['false', false],
    ['TRUE', 'TRUE'],
    ['', ''],
    [1, 1],
    [true, true],
  ])('boolean makes of %j %j', (value, wanted) => {
    expect(run('boolean', value)).toBe(wanted);
  });
});

describe('arrays', () => {
  it('change each item in place', () => {
    const list: unknown[] = [1, 'x', null];
    expect(run({ items: 'string' }, list)).toBe(list);
    expect(list).toEqual(['1', 'x', null]);
  });

  it('wrap a lone text only where the plan says so', () => {
    expect(run({ wrap: true }, 'a')).toEqual(['a']);
    expect(run({ wrap: true, items: 'integer' }, '7')).toEqual([7]);
    expect(run({ wrap: true }, 7)).toBe(7);
    expect(run({ items: 'integer' }, '7')).toBe('7');
    expect(run({ wrap: true }, [1])).toEqual([1]);
  });
});

describe('objects', () => {
  it('change the fields that are there and add none', () => {
    const value = { a: 1, other: 1 };
    expect(run({ fields: { a: 'string', b: 'string' } }, value)).toBe(value);
    expect(value).toStrictEqual({ a: '1', other: 1 });
  });

  it('take nothing from the prototype for a field', () => {
    const value = {};
    run({ fields: Object.fromEntries([['constructor', 'string']]) }, value);
    expect(Object.keys(value)).toEqual([]);
  });

  it('leave what is no object alone', () => {
    for (const value of [null, undefined, 1, 'x'])
      expect(run({ fields: { a: 'string', length: 'string' } }, value)).toBe(value);
    const list = [1];
    expect(run({ fields: { 0: 'string' } }, list)).toEqual([1]);
  });

  it('change further fields by the text in one', () => {
    const plan: Plan = {
      fields: {},
      by: 'Type',
      cases: { A: { fields: { x: 'string' } }, B: { fields: { y: 'string' } } },
    };
    expect(run(plan, { Type: 'A', x: 1, y: 1 })).toEqual({ Type: 'A', x: '1', y: 1 });
    expect(run(plan, { Type: 'B', x: 1, y: 1 })).toEqual({ Type: 'B', x: 1, y: '1' });
    for (const Type of ['C', 'constructor', '__proto__', null, undefined]) {
      expect(run(plan, { Type, x: 1 })).toEqual({ Type, x: 1 });
    }
    expect(run({ fields: {}, by: 'Type' }, { Type: 'A' })).toEqual({ Type: 'A' });
  });
});

describe('shared plans', () => {
  it('are looked up when they are first met, once, so that one may hold itself', () => {
    let lookUps = 0;
    const compiled: Normalize = compilePlan({ fields: { n: 'string', child: '#tree' } }, (name) => {
      expect(name).toBe('tree');
      lookUps++;
      return compiled;
    });
    expect(lookUps).toBe(0);
    expect(compiled({ n: 1, child: { n: 2, child: { n: 3 } } })).toEqual({
      n: '1',
      child: { n: '2', child: { n: '3' } },
    });
    expect(lookUps).toBe(1);
  });
});
