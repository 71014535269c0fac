import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleBody, signedQuery } from '../../src/testing.js';
import { Program } from '../support/child.js';
import { sendTo } from '../support/http-client.js';
import { type CodeBlock, codeBlocks, topLevelFile } from '../support/readme.js';

const TOKEN = 'demo-token';
const BEFORE = 'C2C.CallbackBeforeSendMsg';
const AFTER = 'Group.CallbackAfterSendMsg';

function bodyOf(command: typeof BEFORE | typeof AFTER, text: string): string {
  const MsgBody = [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }];
  return JSON.stringify({ ...sampleBody(command), MsgBody });
}

describe.each(['node', 'connect', 'nest', 'koa', 'fastify', 'hono'])('examples/%s.mjs', (name) => {
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
    // Nothing but the one warning of the wrong Sign.
    expect(program.errors).toMatch(/^a callback was refused: signature_invalid: .*\n$/);
  });
});

describe('examples/nest.mjs, told to end,', () => {
  it('closes its receiver with the app.', async () => {
    const program = new Program('examples/nest.mjs', { PORT: '0', IM_CALLBACK_TOKEN: TOKEN });
    try {
      await program.printed(/^http:\/\/127\.0\.0\.1:\d+\/im\/callback$/m);
      // Nest sends itself the signal again when it is done.
      expect(await program.stop('SIGTERM')).toBe('SIGTERM');
      expect(program.output).toMatch(/^closed; drained 0$/m);
      expect(program.errors).toBe('');
    } finally {
      await program.stop('SIGKILL');
    }
  });
});

/** The code above the link to a file. */
function blockAbove(markdown: string, file: string): CodeBlock | undefined {
  const [above = ''] = markdown.split(`](${file})`);
  return codeBlocks(above).at(-1);
}

/** Types that readers of TypeScript get and the examples, in JavaScript, have not. */
const TYPES =
  /: (?:FetchHandler \| undefined|Request|Env|ExecutionContext|APIGatewayProxyHandlerV2)(?=[,);]| =)/g;

describe.each(['README.md', 'README.zh-CN.md'])('%s', (readme) => {
  const markdown = topLevelFile(readme);

  it.each([
    'examples/node.mjs',
    'examples/connect.mjs',
    'examples/nest.mjs',
    'examples/koa.mjs',
    'examples/fastify.mjs',
    'examples/hono.mjs',
    'examples/next/app/im/callback/route.js',
    'examples/worker.mjs',
    'examples/lambda.mjs',
  ])('shows above the link to %s what that does.', (file) => {
    const example = topLevelFile(file).split('\n');
    const lines = (blockAbove(markdown, file)?.code ?? '')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('import type '))
      .map((line) => line.replaceAll(TYPES, ''));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const [, from] = /^import .* (from '[^']*');$/.exec(line) ?? [];
      // The example imports more of the same module.
      if (from === undefined) expect(example).toContain(line);
      else expect(example.some((other) => other.startsWith('import ') && other.includes(from))).toBe(true);
    }
  });
});
