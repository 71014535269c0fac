import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleBody, signedQuery } from '../../src/testing/index.js';
import { Program } from '../support/child.js';
import { sendTo } from '../support/http-client.js';
import { codeBlocks, topLevelFile } from '../support/readme.js';

const TOKEN = 'demo-token';
const BEFORE = 'C2C.CallbackBeforeSendMsg';
const AFTER = 'Group.CallbackAfterSendMsg';

function bodyOf(command: typeof BEFORE | typeof AFTER, text: string): string {
  const MsgBody = [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }];
  return JSON.stringify({ ...sampleBody(command), MsgBody });
}

describe.each(['node', 'koa', 'fastify', 'hono'])('examples/%s.mjs', (name) => {
  let program: Program;
  let port: number;

  async function send(command: typeof BEFORE | typeof AFTER, text: string, token = TOKEN) {
    const query = await signedQuery({ sdkAppId: 1400000000, token, command });
    const { status, body } = await sendTo(port, { query, body: bodyOf(command, text) });
    return { status, answer: JSON.parse(body) as unknown };
  }

  beforeAll(async () => {
    program = new Program(`examples/${name}.mjs`, { PORT: '0', IM_CALLBACK_TOKEN: TOKEN });
    const [, found] = await program.printed(/^http:\/\/127\.0\.0\.1:(\d+)\/im\/callback$/m);
    port = Number(found);
  });

  afterAll(() => program?.stop('SIGKILL'));

  it('answers signed callbacks as their texts deserve.', async () => {
    const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
    expect(await send(BEFORE, '你好')).toEqual({ status: 200, answer: OK });
    expect(await send(BEFORE, 'buy spam')).toMatchObject({
      status: 200,
      answer: { ErrorCode: 120001, ErrorInfo: 'no spam, please' },
    });
  });

  it('refuses a wrong Sign, and answers nowhere else.', async () => {
    expect(await send(BEFORE, 'hello', 'other-token')).toMatchObject({
      status: 401,
      answer: { ActionStatus: 'FAIL', ErrorCode: 40106 },
    });
    expect((await sendTo(port, { path: '/', query: '' })).status).toBe(404);
  });

  it('works on group messages behind the answer.', async () => {
    expect(await send(AFTER, '晚上好 👋')).toMatchObject({ status: 200, answer: { ErrorCode: 0 } });
    await program.printed(/^archived: 晚上好 👋$/m);
    expect(program.errors).toBe('');
  });
});

describe.each(['README.md', 'README.zh-CN.md'])('%s', (readme) => {
  const blocks = codeBlocks(topLevelFile(readme));

  it.each([
    ['node', 'node'],
    ['koa', 'koa'],
    ['fastify', 'fastify'],
    ['hono', 'fetch'],
  ])('shows for %s what the example does.', (name, entry) => {
    const example = topLevelFile(`examples/${name}.mjs`).split('\n');
    const module = entry === 'fetch' ? "from 'hono'" : `from 'qcloud-im-callback/${entry}'`;
    // Connect has a block of its own with the same entry.
    const [block] = blocks.filter(({ code }) => code.includes(module) && !code.includes("from 'connect'"));
    const lines = (block?.code ?? '').split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const [, from] = /^import .* (from '[^']*');$/.exec(line) ?? [];
      // The example imports more of the same module.
      if (from === undefined) expect(example).toContain(line);
      else expect(example.some((other) => other.startsWith('import ') && other.includes(from))).toBe(true);
    }
  });
});
