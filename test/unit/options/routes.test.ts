import { describe, expect, it } from 'vitest';
import { defaultHandlerFrom, hookFrom, queued, Routes, routeFrom } from '../../../src/options/routes.js';
import { ok } from '../../../src/protocol/answers.js';
import { COMMANDS, isAnswered } from '../../../src/protocol/commands.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';
const handle = () => undefined;

describe('queued', () => {
  it('builds a route, with an answer only where one is given', () => {
    expect(queued(handle)).toEqual({ async: true, handle });
    expect(queued(handle, ok())).toEqual({ async: true, handle, asyncResponse: ok() });
  });
});

describe('routeFrom', () => {
  it('takes a function and each form of a route, and freezes a copy', () => {
    expect(routeFrom(AFTER, handle)).toEqual({ handle });
    for (const route of [
      { handle },
      { handle, async: false },
      { handle, async: undefined },
      { handle, async: true },
    ]) {
      const kept = routeFrom(AFTER, route);
      expect(kept).toEqual(route);
      expect(kept).not.toBe(route);
      expect(Object.isFrozen(kept)).toBe(true);
    }
  });

  it('keeps the method of a class, on its object', () => {
    class Archive {
      readonly async = true;
      readonly #kept = ok({});
      handle() {
        return this.#kept;
      }
    }
    const kept = routeFrom(AFTER, new Archive());
    expect(kept).toMatchObject({ async: true });
    expect(kept.handle({} as never)).toEqual(ok({}));
  });

  it.each([undefined, null, 'x', 7, {}, { handle: 'x' }, { handle, async: 'yes' }, { async: true }])(
    'refuses %j and names the command',
    (value) => {
      expect(() => routeFrom(AFTER, value)).toThrow(
        `handler_invalid: the handler of ${AFTER} is no function`,
      );
    },
  );

  it('answers ok() for a route of queued() without an answer, and leaves a written-out one to the default handler', () => {
    expect(routeFrom(AFTER, queued(handle))).toEqual({ async: true, handle, asyncResponse: ok() });
    expect(routeFrom('Order.Paid', queued(handle))).toEqual({ async: true, handle, asyncResponse: ok() });
    expect(routeFrom(AFTER, { async: true, handle })).toEqual({ async: true, handle });
    expect(() => routeFrom(BEFORE, queued(handle))).toThrow(/^answer_required/);
  });

  it('refuses an asyncResponse that can be no answer, and takes both kinds that can', () => {
    for (const asyncResponse of ['ok', 7, true]) {
      expect(() => routeFrom(AFTER, { async: true, handle, asyncResponse })).toThrow(
        /^handler_invalid: the async/,
      );
    }
    const plain = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
    for (const asyncResponse of [ok(), plain]) {
      expect(routeFrom(AFTER, { async: true, handle, asyncResponse })).toMatchObject({ asyncResponse });
    }
  });

  it('asks for the answer of every command whose answer is read, and of no other', () => {
    for (const info of COMMANDS) {
      const make = () => routeFrom(info.name, { async: true, handle });
      if (isAnswered(info))
        expect(make, info.name).toThrow(`answer_required: the answer to ${info.name} is read`);
      else expect(make, info.name).not.toThrow();
      expect(() => routeFrom(info.name, { async: true, handle, asyncResponse: ok() })).not.toThrow();
    }
    expect(() => routeFrom('My.Command', { async: true, handle })).not.toThrow();
  });
});

describe('Routes', () => {
  it('keeps the last route of a command, under its name and its aliases', () => {
    const routes = new Routes();
    const later = () => undefined;
    routes.set('Room.CallbackUpdateRoomInfo', handle);
    routes.set('Room.CallbackUpdateRoomInfo', later);
    const name = COMMANDS.find(({ aliases }) => aliases?.includes('Room.CallbackUpdateRoomInfo'))?.name ?? '';
    expect(routes.get(name)?.handle).toBe(later);
    expect(routes.get('Room.CallbackUpdateRoomInfo')?.handle).toBe(later);
    expect(routes.delete('Room.CallbackUpdateRoomInfo')).toBe(true);
    expect(routes.delete(name)).toBe(false);
    expect(routes.get(name)).toBeUndefined();
  });

  it('keeps the routes of other commands, and gives nothing inherited', () => {
    const routes = new Routes();
    routes.setOther('My.Command', handle);
    expect(routes.get('My.Command')?.handle).toBe(handle);
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(routes.get(name)).toBeUndefined();
      expect(routes.delete(name)).toBe(false);
      routes.setOther(name, handle);
      expect(routes.get(name)?.handle).toBe(handle);
    }
    expect(routes.delete('My.Command')).toBe(true);
  });

  it('tells a slip from a name of somebody’s own', () => {
    const routes = new Routes();
    expect(() => routes.set(AFTER.toLowerCase(), handle)).toThrow(/^command_misspelt: .* did you mean Group/);
    expect(() => routes.setOther(AFTER.toLowerCase(), handle)).toThrow(/^command_misspelt/);
    expect(() => routes.set('My.Command', handle)).toThrow(/^command_unknown: .* use otherHandlers/);
    expect(() => routes.setOther(AFTER, handle)).toThrow(/^command_unknown: .* use handlers/);
  });

  it('keeps the old route when the new one is refused', () => {
    const routes = new Routes();
    routes.set(BEFORE, handle);
    expect(() => routes.set(BEFORE, queued(handle))).toThrow(/^answer_required/);
    expect(routes.get(BEFORE)?.handle).toBe(handle);
  });
});

describe('hookFrom and defaultHandlerFrom', () => {
  it('take a function, and the hook nothing at all', () => {
    expect(hookFrom(handle)).toBe(handle);
    expect(hookFrom(undefined)).toBeUndefined();
    expect(defaultHandlerFrom(handle)).toBe(handle);
  });

  it('refuse anything else', () => {
    // @ts-expect-error what JavaScript users may pass
    expect(() => hookFrom('x')).toThrow('handler_invalid: beforeHook must be a function');
    // @ts-expect-error what JavaScript users may pass
    expect(() => defaultHandlerFrom(undefined)).toThrow('handler_invalid: defaultHandler must be a function');
  });
});
