import { describe, expect, it } from 'vitest';
import { dateFrom, GROUP_TYPES, PLATFORMS, platformFrom } from '../../../src/protocol/values.js';

it('finds the usual spelling of a platform without regard to case', () => {
  for (const name of PLATFORMS) expect(platformFrom(name.toUpperCase())).toBe(name);
  expect(platformFrom('IOS')).toBe('iOS');
  expect(platformFrom('macOS')).toBe('Mac');
  expect(platformFrom('Unkown')).toBe('Unknown');
});

it('leaves other platforms as they are', () => {
  for (const other of ['HarmonyOS', '', 'constructor', '__proto__']) expect(platformFrom(other)).toBe(other);
});

it("knows the Go package's kinds of groups and the newer ones", () => {
  expect(GROUP_TYPES).toEqual(
    expect.arrayContaining([
      'Private',
      'Public',
      'ChatRoom',
      'AVChatRoom',
      'Work',
      'Meeting',
      'Community',
      'Live',
    ]),
  );
});

describe('dateFrom', () => {
  it.each<[unknown, number | undefined]>([
    [1739000950, 1739000950_000],
    ['1739000950', 1739000950_000],
    [1739000950123, 1739000950123],
    ['1739000950123', 1739000950123],
    [1e11, 1e14],
    [1e11 + 1, 1e11 + 1],
    [8.64e15, 8.64e15],
    [8.64e15 + 1, undefined],
    [0, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    ['', undefined],
    ['0', undefined],
    ['1.5', undefined],
    ['12345678901234567', undefined],
    [null, undefined],
    [{}, undefined],
    [undefined, undefined],
  ])('makes of %j the time %j', (time, wanted) => {
    expect(dateFrom(time)?.getTime()).toBe(wanted);
  });
});
