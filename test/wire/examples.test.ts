import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../support/child.js';
import { markedBlock, topLevelFile } from '../support/readme.js';

const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
const REFUSED = { ActionStatus: 'OK', ErrorCode: 120001, ErrorInfo: 'no spam, please' };

/** Runs a line as somebody who pastes it into a shell would; gives the answer and its status. */
async function paste(line: string): Promise<{ status: number; answer: unknown }> {
  const command = line.replace('curl -sS', "curl -sS --max-time 50 -w '\\n%{http_code}'");
  expect(command).not.toBe(line);
  const { stdout } = await promisify(execFile)('bash', ['-c', command]);
  const [body = '', status] = stdout.split('\n');
  return { status: Number(status), answer: JSON.parse(body) };
}

describe('examples/express.mjs', () => {
  let program: Program;
  let port: string | undefined;
  let lines: string[];

  beforeAll(async () => {
    program = new Program('examples/express.mjs', { PORT: '0', IM_CALLBACK_TOKEN: 'demo-token' });
    [, port] = await program.printed(/http:\/\/127\.0\.0\.1:(\d+)\/im\/callback; try:/);
    await program.printed(/你好 👋[^\n]*\n/);
    lines = program.output.split('\n\n').filter((part) => part.startsWith('T='));
  });

  afterAll(() => program?.stop('SIGKILL'));

  it('prints lines that are answered as their texts deserve.', async () => {
    expect(await Promise.all(lines.map(paste))).toEqual([
      { status: 200, answer: OK },
      { status: 200, answer: REFUSED },
      { status: 200, answer: OK },
    ]);
    await program.printed(/^C2C\.CallbackBeforeSendMsg mika → noel: hello$/m);
  });

  it('works on group messages behind the answer.', async () => {
    const [, , group = ''] = lines;
    await paste(group.replace('你好 👋', 'good evening'));
    await program.printed(/^Group\.CallbackAfterSendMsg archived [0-9a-f-]{36}: @TGS#1 good evening$/m);
  });

  it('logs callbacks that nobody registered for, and answers them.', async () => {
    const [hello = ''] = lines;
    const line = hello.replace('C2C.CallbackBeforeSendMsg', 'Some.NewCallback');
    expect(await paste(line)).toEqual({ status: 200, answer: OK });
    await program.printed(/^Some\.NewCallback \{"From_Account":"mika"/m);
  });

  it('refuses a wrong Sign, and what is not ours.', async () => {
    const [hello = ''] = lines;
    expect(await paste(hello.replace('demo-token', 'other-token'))).toMatchObject({
      status: 401,
      answer: { ActionStatus: 'FAIL', ErrorCode: 40106 },
    });
    expect(await paste(hello.replace('SdkAppid=14', 'SdkAppid=15'))).toMatchObject({ status: 403 });
  });

  it.each(['README.md', 'README.zh-CN.md'])('answers the line of %s as that says.', async (name) => {
    const readme = topLevelFile(name);
    const line = markedBlock(readme, 'curl').code.replace(':3000/', `:${port}/`);
    const answer: unknown = JSON.parse(markedBlock(readme, 'curl answers').code);
    expect(answer).toEqual(REFUSED);
    expect(await paste(line)).toEqual({ status: 200, answer });
  });

  it('ends cleanly when it is told to.', async () => {
    expect(await program.stop('SIGTERM')).toBe(0);
    expect(program.output).toMatch(/^closed; drained 0, not done 0$/m);
    // The warnings of what was refused on purpose, one for each code.
    const warnings = program.errors.trimEnd().split('\n');
    for (const line of warnings) expect(line).toMatch(/^a callback was refused: \w+: /);
    expect(new Set(warnings).size).toBe(warnings.length);
  });
});
