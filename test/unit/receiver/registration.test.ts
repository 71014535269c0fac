import { expect, it, vi } from 'vitest';
import { queued } from '../../../src/options/routes.js';
import { ok } from '../../../src/protocol/answers.js';
import { Registration, type RegistrationOptions } from '../../../src/receiver/registration.js';
import { sampleEvent } from '../../support/queue-events.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';

it('begins with what the options register', () => {
  const hook = vi.fn();
  const fallback = vi.fn();
  const registration = new Registration({
    handlers: { [AFTER]: ok },
    otherHandlers: { 'My.Command': ok },
    beforeHook: hook,
    defaultHandler: fallback,
  });
  expect(registration.routes.get(AFTER)).toMatchObject({ handle: ok });
  expect(registration.routes.get('My.Command')).toMatchObject({ handle: ok });
  expect(registration.hook).toBe(hook);
  expect(registration.defaultHandler).toBe(fallback);
});

it('has no route, no hook and a default handler that says nothing when nothing is registered', () => {
  const registration = new Registration();
  expect(registration.routes.get(AFTER)).toBeUndefined();
  expect(registration.hook).toBeUndefined();
  expect(registration.defaultHandler(sampleEvent('1'))).toBeUndefined();
});

it.each<[object, RegExp]>([
  [{ handlers: { 'Group.callbackAfterSendMsg': ok } }, /^command_misspelt/],
  [{ otherHandlers: { [AFTER]: ok } }, /^command_unknown/],
  [{ handlers: { [BEFORE]: queued(ok) } }, /^answer_required/],
  [{ beforeHook: 7 }, /^handler_invalid/],
  [{ defaultHandler: null }, /^handler_invalid/],
])('refuses what nothing would ever call: %j', (options, message) => {
  expect(() => new Registration(options as RegistrationOptions)).toThrow(message);
});

it('refuses a hook and a default handler that are no functions later, too, and keeps what it has', () => {
  const registration = new Registration();
  const { defaultHandler } = registration;
  expect(() => Object.assign(registration, { hook: 7 })).toThrow(/^handler_invalid: beforeHook/);
  expect(() => Object.assign(registration, { defaultHandler: 7 })).toThrow(
    /^handler_invalid: defaultHandler/,
  );
  expect(registration.hook).toBeUndefined();
  expect(registration.defaultHandler).toBe(defaultHandler);
});
