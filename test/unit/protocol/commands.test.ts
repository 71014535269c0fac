import { describe, expect, it } from 'vitest';
import { examples } from '../../../src/generated/examples.js';
import { decodeBody } from '../../../src/pipeline/body.js';
import {
  COMMANDS,
  findCommand,
  isAnswered,
  isCommand,
  issuesOf,
  type Validator,
} from '../../../src/protocol/commands.js';

describe('the list of commands', () => {
  it('holds 89 documented commands, in the order of their names, each with its page', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(names).toHaveLength(89);
    expect(names).toEqual([...new Set(names)].sort((a, b) => (a < b ? -1 : 1)));
    for (const { title, titleZh, docs } of COMMANDS) {
      expect([title, titleZh, docs.length > 0]).not.toContain('');
      expect(docs.every((page) => page.startsWith('https://'))).toBe(true);
    }
  });

  it('finds each by its name and its aliases, and nothing inherited', () => {
    for (const info of COMMANDS) {
      for (const name of [info.name, ...(info.aliases ?? [])]) expect(findCommand(name)?.info).toBe(info);
    }
    for (const name of ['constructor', '__proto__', 'toString', '', 'state.statechange', '\u0000']) {
      expect(findCommand(name)).toBeUndefined();
    }
  });

  it('does not call an alias a command', () => {
    expect(isCommand('State.StateChange')).toBe(true);
    expect(isCommand('Room.CallbackUpdateRoomInfo')).toBe(false);
    expect(isCommand('constructor')).toBe(false);
  });

  it('reads the answers of the twelve before-callbacks and of three others', () => {
    const answered = COMMANDS.filter(isAnswered);
    expect(answered.filter(({ phase }) => phase === 'before')).toHaveLength(12);
    expect(answered.filter(({ phase }) => phase !== 'before').map(({ name }) => name)).toEqual([
      'ChatBot.OnAssignHuman',
      'Chatbot.InterfaceInvocation',
      'Chatbot.OnC2CSignalMessage',
    ]);
  });

  it.each(COMMANDS.map(({ name }) => name))('%s takes its own example', (name) => {
    const entry = findCommand(name);
    // Through the parser, because some examples hold integers that no double can.
    const { value: body } = decodeBody(JSON.stringify(examples[name]), 1_000_000);
    expect(entry?.normalize(body)).toBe(body);
    expect(entry?.validate(body), JSON.stringify(entry?.validate.errors)).toBe(true);
  });
});

describe('issuesOf', () => {
  const validator = (errors: NonNullable<Validator['errors']> | null): Validator =>
    Object.assign(() => false, { errors });

  it('names a documented field and hides what the sender called one', () => {
    expect(
      issuesOf(
        validator([
          { keyword: 'type', instancePath: '/MsgBody/0/secret~1x', message: 'must be string', params: {} },
        ]),
        {},
      ),
    ).toEqual([{ path: '/MsgBody/0/*', message: 'must be string' }]);
  });

  it('points at a field that is missing', () => {
    const error = { keyword: 'required', instancePath: '', params: { missingProperty: 'GroupId' } };
    expect(issuesOf(validator([error]), {})).toEqual([{ path: '/GroupId', message: 'is missing' }]);
  });

  it('leaves out the keyword if, which only repeats, and fills in a message', () => {
    const failed = { keyword: 'if', instancePath: '', params: {} };
    const other = { keyword: 'x', instancePath: '/Events/12', params: {} };
    expect(issuesOf(validator([failed, other]), {})).toEqual([{ path: '/Events/12', message: 'is invalid' }]);
  });

  it('says of a number that no longer holds its digits that another parser rounded it', () => {
    const error = { keyword: 'type', instancePath: '/a~1b/0', message: 'must be string', params: {} };
    const [rounded, other] = [JSON.parse('144115198371610486'), 1.5];
    const messageFor = (value: unknown) => issuesOf(validator([error]), { 'a/b': [value] })[0]?.message;
    expect(messageFor(rounded)).toMatch(/^lost digits in the parser in front of qcloudIm/);
    expect(messageFor(other)).toBe('must be string');
    expect(issuesOf(validator([error]), 'no object')[0]?.message).toBe('must be string');
  });

  it('finds none where there are none', () => {
    expect(issuesOf(validator(null), {})).toEqual([]);
    expect(issuesOf(() => true, {})).toEqual([]);
  });
});
