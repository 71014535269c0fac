/** The example with two processes runs as it is. */

import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { sampleBody, signedQuery } from '../../src/testing/index.js';
import { clear, queueAt } from '../support/bullmq-place.js';
import { Program } from '../support/child.js';

const COMMAND = 'Group.CallbackAfterSendMsg';
const url = inject('redisUrl');

describe.skipIf(url === '')('examples/bullmq', () => {
  const name = randomUUID();
  const programs: Program[] = [];

  afterEach(async () => {
    for (const program of programs) await program.stop('SIGKILL');
    await clear(queueAt({ connection: { url }, name, prefix: 'bull' }));
  });

  function run(script: string): Program {
    const program = new Program(`examples/bullmq/${script}`, {
      PORT: '0',
      REDIS_URL: url,
      QUEUE_NAME: name,
      IM_CALLBACK_TOKEN: 'demo-token',
    });
    programs.push(program);
    return program;
  }

  it('answers in one process and works in the other, also when the worker comes later', async () => {
    const web = run('web.mjs');
    const [, address] = await web.printed(/at (http:\S+)\n/);
    const query = await signedQuery({ token: 'demo-token', sdkAppId: 1400000000, command: COMMAND });
    const message = [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'good evening' } }];
    const response = await fetch(`${address}?${query}`, {
      method: 'POST',
      body: JSON.stringify({ ...sampleBody(COMMAND), GroupId: '@TGS#1', MsgBody: message }),
    });
    expect(response.status).toBe(200);
    expect(web.output).not.toContain('archived');

    const worker = run('worker.mjs');
    await worker.printed(/^archived [0-9a-f-]{36}: @TGS#1 good evening$/m);
    expect(await worker.stop('SIGTERM')).toBe(0);
    expect(worker.output).toMatch(/^closed; drained \d$/m);
    expect(await web.stop('SIGTERM')).toBe(0);
    expect(web.output).toMatch(/^closed$/m);
    expect(web.errors + worker.errors).toBe('');
  }, 30_000);
});
