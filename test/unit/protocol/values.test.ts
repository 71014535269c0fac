import { expect, it } from 'vitest';
import { GROUP_TYPES, PLATFORMS, platformFrom } from '../../../src/protocol/values.js';

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
