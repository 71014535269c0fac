/** Scripts that a user of the installed package might write; each prints one line of JSON. */

const importing = {
  esm: (name: string, from: string) => `import ${name} from '${from}';`,
  cjs: (name: string, from: string) => `const ${name.replaceAll(' as ', ': ')} = require('${from}');`,
};

/** How a script takes its modules in. */
export type ModuleKind = keyof typeof importing;

/** Name of a script's file. */
export function fileOf(name: string, kind: ModuleKind): string {
  return `${name}.${kind === 'esm' ? 'mjs' : 'cjs'}`;
}

/** Starts a receiver, posts a signed callback and one with a wrong signature, and prints both answers. */
export function receiverScript(kind: ModuleKind): string {
  const take = importing[kind];
  return `
${take('express', 'express')}
${take('{ ok, qcloudIm, refuse, textOf }', 'qcloud-im-callback')}
${take('{ signedQuery }', 'qcloud-im-callback/testing')}
async function main() {
  const im = qcloudIm({
    sdkAppId: 1400000000,
    token: 'secret',
    logger: false,
    handlers: {
      'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam') : ok()),
    },
  });
  const app = express();
  app.use('/im', im);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const post = async (token) => {
    const query = await signedQuery({ token, sdkAppId: 1400000000, command: 'C2C.CallbackBeforeSendMsg' });
    const response = await fetch('http://127.0.0.1:' + server.address().port + '/im?' + query, {
      method: 'POST',
      body: JSON.stringify({
        From_Account: 'mika',
        To_Account: 'noel',
        MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'spam 你好' } }],
      }),
    });
    return { status: response.status, ...(await response.json()) };
  };
  const answers = [await post('secret'), await post('other')];
  server.close();
  server.closeAllConnections();
  await im.close();
  console.log(JSON.stringify(answers));
}
main();
`;
}

/** Checks the sample body of every documented command; prints how many passed. */
export function everyCommandScript(kind: ModuleKind): string {
  const take = importing[kind];
  return `
${take('{ CallbackHandler, COMMANDS }', 'qcloud-im-callback/core')}
${take('{ sampleBody }', 'qcloud-im-callback/testing')}
const handler = new CallbackHandler({ sdkAppId: false, token: false, logger: false });
const known = COMMANDS.filter(({ name }) => {
  const event = handler.createEvent(
    { SdkAppid: '1', CallbackCommand: name },
    JSON.stringify(sampleBody(name)),
  );
  return event.known && event.issues.length === 0;
});
handler.close();
console.log(known.length);
`;
}

/** Prints which of the entries can be imported, and how one fails that cannot. */
export function entriesScript(kind: ModuleKind, entries: readonly string[]): string {
  const load = kind === 'esm' ? 'import(name)' : 'Promise.resolve().then(() => require(name))';
  return `
async function main() {
  const results = {};
  for (const name of ${JSON.stringify(entries)}) {
    results[name] = await ${load}.then(
      (entry) => (Object.values(entry).some((value) => typeof value === 'function') ? 'loaded' : 'empty'),
      (error) => error.code,
    );
  }
  console.log(JSON.stringify(results));
}
main();
`;
}

/** The ES module copy and the CommonJS copy in one process: each takes what the other made. */
export const copiesScript = `
import { createRequire } from 'node:module';
import * as esm from 'qcloud-im-callback';
import { sampleEvent, sampleBody } from 'qcloud-im-callback/testing';
const cjs = createRequire(import.meta.url)('qcloud-im-callback');
const COMMAND = 'C2C.CallbackBeforeSendMsg';
const options = { sdkAppId: false, token: false, logger: false };
const mounted = esm.qcloudIm(new cjs.CallbackHandler({
  ...options,
  handlers: { [COMMAND]: () => esm.refuse(120001, 'no') },
}));
const event = sampleEvent(COMMAND);
const answered = await mounted.handler.handle(event);
const received = await mounted.handler.receive({
  method: 'POST',
  query: 'SdkAppid=1&CallbackCommand=' + COMMAND,
  body: { received: true, read: () => JSON.stringify(sampleBody(COMMAND)) },
});
await mounted.close();
console.log(JSON.stringify({
  twoCopies: esm.CallbackHandler !== cjs.CallbackHandler,
  answer: cjs.isAnswer(esm.ok()) && esm.isAnswer(cjs.drop()),
  event: cjs.isCallbackEvent(event),
  error: esm.isCallbackError(new cjs.CallbackError('closing')),
  handler: mounted.handler instanceof cjs.CallbackHandler,
  answered: answered.ErrorCode,
  received: JSON.parse(received.body).ErrorCode,
}));
`;

/** Prints how many milliseconds the main entry takes to load once Express is there. */
export function importTimeScript(kind: ModuleKind): string {
  const load = (name: string): string => (kind === 'esm' ? `await import('${name}')` : `require('${name}')`);
  return `
${load('express')};
const start = performance.now();
${load('qcloud-im-callback')};
console.log(performance.now() - start);
`;
}

/** What a user would write in TypeScript. */
export const consumer = `
import express from 'express';
import { COMMANDS, type Handlers, ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback';
import { CallbackHandler } from 'qcloud-im-callback/core';
import { qcloudIm as fetchIm } from 'qcloud-im-callback/fetch';
import { qcloudIm as nodeIm } from 'qcloud-im-callback/node';
import { sampleEvent, signedQuery } from 'qcloud-im-callback/testing';

const handlers: Handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event) === 'spam' ? refuse('no') : ok()),
  'Group.CallbackAfterSendMsg': queued(async (event) => event.body.GroupId),
};
export const im = qcloudIm({ sdkAppId: 1400000000, token: process.env.IM_CALLBACK_TOKEN, handlers });
express().use('/im/callback', im).listen(0);
export const core: CallbackHandler = im.handler;
export const fetched: Promise<Response> = fetchIm(core)(new Request('http://127.0.0.1/'));
export const node = nodeIm(core);
export const workers = core.workers();
export const route = core.get('Group.CallbackAfterSendMsg');
export const given = queued<'Chatbot.OnC2CSignalMessage'>(() => undefined, ok());
export const event = sampleEvent('C2C.CallbackBeforeSendMsg');
export const { params, phase, platform, issues } = event;
export const kinds = COMMANDS[0]?.answer?.kinds;
export const account: string = sampleEvent('C2C.CallbackBeforeSendMsg').body.From_Account;
export const query: Promise<string> = signedQuery({ sdkAppId: 1, command: 'State.StateChange' });

// @ts-expect-error the types arrive: this command does not exist
qcloudIm({ sdkAppId: 1, token: false, handlers: { 'C2C.CallbackBeforeSendMessage': () => ok() } });
`;
