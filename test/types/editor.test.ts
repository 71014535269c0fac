/** What an editor shows: asked of the language service that editors ask. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { COMMANDS, type Command } from '../../src/index.js';

const CURSOR = '/*|*/';
const file = fileURLToPath(new URL('./as-typed.ts', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => readFileSync(path, 'utf8'));
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);

let text = '';
let version = 0;
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: (name) => (name === file ? String(version) : '0'),
  getScriptSnapshot: (name) => {
    const content = name === file ? text : ts.sys.readFile(name);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: (name) => name === file || ts.sys.fileExists(name),
  readFile: ts.sys.readFile,
  directoryExists: ts.sys.directoryExists,
});

const HEAD = `
import { drop, type Handlers, ok, qcloudIm, queued, refuse, replaceText } from '../../src/index.js';
declare function receive(handlers: Handlers): void;
export const used = [drop, ok, qcloudIm, queued, refuse, replaceText, receive];
`;

/** Types code; gives where the cursor is. */
function type(code: string): number {
  const at = code.indexOf(CURSOR);
  text = HEAD + code.replace(CURSOR, '');
  version++;
  return HEAD.length + at;
}

/** What is shown for the word at the cursor. */
function shownAt(code: string): string {
  const info = service.getQuickInfoAtPosition(file, type(code));
  const tags = info?.tags?.map((tag) => ts.displayPartsToString(tag.text)) ?? [];
  return [ts.displayPartsToString(info?.documentation), ...tags].join('\n');
}

/** The names that are offered at the cursor. */
function offeredAt(code: string): string[] {
  return service.getCompletionsAtPosition(file, type(code), {})?.entries.map(({ name }) => name) ?? [];
}

/** The first line of each error. */
function errorsOf(code: string): string[] {
  type(code);
  return service
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => (typeof messageText === 'string' ? messageText : messageText.messageText));
}

describe('a command', () => {
  it.each(COMMANDS.map((info) => [info.name, info] as const))(
    '%s shows its titles, phase and page',
    (name, info) => {
      const shown = shownAt(`receive({ '${CURSOR}${name}': () => ok() });`);
      for (const part of [info.title, info.titleZh, `(${info.phase})`, info.docs[0] ?? ''])
        expect(shown).toContain(part);
    },
  );

  it('is shown the same in the options of a receiver, and while names are chosen', () => {
    const name: Command = 'State.StateChange';
    const key = `qcloudIm({ sdkAppId: 1, token: false, handlers: { '${CURSOR}${name}': () => ok() } });`;
    expect(shownAt(key)).toContain('状态变更回调');
    const at = type(`receive({ '${CURSOR}' });`);
    const details = service.getCompletionEntryDetails(file, at, name, {}, undefined, {}, undefined);
    expect(ts.displayPartsToString(details?.documentation)).toContain('状态变更回调 (state)');
  });

  it('is offered, each of them', () => {
    const offered = offeredAt(`receive({ '${CURSOR}' });`);
    expect(offered).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
  });
});

describe('an open set', () => {
  const within = (command: string, code: string) =>
    `receive({ '${command}': (event) => { ${code}; return ok(); } });`;

  it.each([
    ['State.StateChange', `event.body.Info.Action === '${CURSOR}'`, ['Login', 'Logout', 'Disconnect']],
    ['State.StateChange', `event.body.Info.Reason === '${CURSOR}'`, ['Register', 'LinkClose', 'TimeOut']],
    ['C2C.CallbackAfterSendMsg', `event.platform === '${CURSOR}'`, ['RESTAPI', 'Android', 'iPad']],
    ['Group.CallbackAfterSendMsg', `event.body.Type === '${CURSOR}'`, ['AVChatRoom', 'Work', 'Community']],
    [
      'C2C.CallbackAfterSendMsg',
      `event.body.MsgBody.filter((element) => element.MsgType === '${CURSOR}')`,
      ['TIMTextElem', 'TIMStreamElem', 'TIMRelayElem'],
    ],
  ])('of %s is complete at %s', (command, code, wanted) => {
    expect(offeredAt(within(command, code))).toEqual(expect.arrayContaining(wanted));
  });

  it('takes any other text, too', () => {
    const action = "if (event.body.Info.Action === 'Moved') ok()";
    expect(errorsOf(within('State.StateChange', action))).toEqual([]);
    const own = "event.body.MsgBody.some((element) => element.MsgType === 'MyElem')";
    expect(errorsOf(within('C2C.CallbackAfterSendMsg', own))).toEqual([]);
  });
});

describe('the first line of an error', () => {
  const VERDICT =
    'the answer is read: return ok(), refuse(…), drop() or replace(…), or give queued(handle, asyncResponse)';
  const at = (command: string, handler: string) => `receive({ '${command}': ${handler} });`;
  const message = (handler: string) => at('C2C.CallbackBeforeSendMsg', handler);

  it.each([
    ['a text', message("() => 'no'"), VERDICT],
    ['a forgotten return', message("(e) => { if (e.id) refuse('no'); }"), VERDICT],
    ['the same later', message("async (e) => { if (e.id) refuse('no'); }"), VERDICT],
    ['queued without an answer', message('queued((e) => e.id)'), VERDICT],
    ['a route without one', message('{ async: true, handle: (e) => e.id }'), VERDICT],
    [
      "another command's answer",
      at('Group.CallbackBeforeInviteJoinGroup', '() => drop()'),
      'the answer is read: return ok(), refuse(…) or refuseMembers(…), or give queued(handle, asyncResponse)',
    ],
    [
      'a field that the answer lacks',
      at('Chatbot.OnC2CSignalMessage', "() => ok({ RespData: 'hello' })"),
      'the answer is read: return ok({ RspData }), or give queued(handle, asyncResponse)',
    ],
    [
      'a refusal of what has happened',
      at('C2C.CallbackAfterSendMsg', '() => refuse()'),
      'the answer is not read: return ok() or nothing, or give queued(handle)',
    ],
    [
      'register()',
      "qcloudIm({ sdkAppId: 1, token: false }).handler.register('C2C.CallbackBeforeSendMsg', queued((e) => e.id));",
      VERDICT,
    ],
  ])('says what to do: %s', (_, code, sentence) => {
    const [first, ...others] = errorsOf(code);
    expect(others).toEqual([]);
    expect(first).toContain(sentence);
    expect(first).not.toContain('\n');
  });

  it('is none where replaceText stands at a command whose message may be replaced', () => {
    const change = '(event) => replaceText(event, (text) => text)';
    expect(errorsOf(at('OfficialAccount.CallbackBeforeSendMsg', change))).toEqual([]);
    expect(errorsOf(at('Group.CallbackBeforeCreateGroup', change))).not.toEqual([]);
    expect(errorsOf(at('Group.CallbackAfterSendMsg', change))).not.toEqual([]);
  });
});
