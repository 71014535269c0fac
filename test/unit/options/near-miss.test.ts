import { describe, expect, it } from 'vitest';
import { meantCommand, refuseNearMiss } from '../../../src/options/near-miss.js';
import { COMMANDS } from '../../../src/protocol/commands.js';

const MEANT = 'Group.CallbackAfterSendMsg';

describe('refuseNearMiss', () => {
  it.each([
    'group.callbackaftersendmsg',
    'Group.CallbackAfterSendMs',
    'Group.CallbackAfterSndMg',
    'XGroup.CallbackAfterSendMsgX',
  ])('asks whether %s means the documented command', (name) => {
    expect(() => refuseNearMiss(name)).toThrow(
      `command_misspelt: ${name} is no command; did you mean ${MEANT}?`,
    );
  });

  it.each(['Group.CallbackAfterSend', 'My.Command', '', 'constructor', 'x'.repeat(10_000)])(
    'lets %.40s pass, which is three edits away or more',
    (name) => {
      expect(() => refuseNearMiss(name)).not.toThrow();
    },
  );

  it('catches every documented name in capitals', () => {
    for (const { name } of COMMANDS) expect(() => refuseNearMiss(name.toUpperCase()), name).toThrow(name);
  });
});

it('asks for the nearest command also where it is further away', () => {
  expect(meantCommand('C2C.CallbackBeforeSendMessage')).toBe('; did you mean C2C.CallbackBeforeSendMsg?');
  expect(meantCommand('Order.Paid')).toBe('');
});
