/** The example with two processes runs as it is, with and without its dashboard. */

import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { createWorker } from '../../src/bullmq.js';
import { CallbackHandler, queued } from '../../src/core.js';
import { sampleBody, signedQuery } from '../../src/testing.js';
import { clear, queueAt } from '../support/bullmq-place.js';
import { Program } from '../support/child.js';

const COMMAND = 'Group.CallbackAfterSendMsg';
const TOKEN = 'demo-token';
const SDK_APP_ID = 1400000000;
const PATIENCE = { timeout: 50_000, interval: 50 };
const url = inject('redisUrl');

/** What the dashboard says of a queue. */
interface BoardQueue {
  readonly name: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly hasWorkers: boolean;
  readonly jobs: readonly { readonly id: string; readonly failedReason?: string }[];
}

async function postMessage(address: string, text: string): Promise<Response> {
  const query = await signedQuery({ token: TOKEN, sdkAppId: SDK_APP_ID, command: COMMAND });
  const message = [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }];
  return fetch(`${address}?${query}`, {
    method: 'POST',
    body: JSON.stringify({ ...sampleBody(COMMAND), GroupId: '@TGS#1', MsgBody: message }),
  });
}

describe.skipIf(url === '')('examples/bullmq', () => {
  const name = randomUUID();
  let programs: Program[] = [];

  afterEach(async () => {
    for (const program of programs) await program.stop('SIGKILL');
    programs = [];
    await clear(queueAt({ connection: { url }, name, prefix: 'bull' }));
  });

  function run(script: string, env: Readonly<Record<string, string>> = {}): Program {
    const program = new Program(`examples/bullmq/${script}`, {
      PORT: '0',
      REDIS_URL: url,
      QUEUE_NAME: name,
      IM_CALLBACK_TOKEN: TOKEN,
      ...env,
    });
    programs.push(program);
    return program;
  }

  it('answers in one process and works in the other, also when the worker comes later', async () => {
    const web = run('web.mjs');
    const [, address = ''] = await web.printed(/callbacks at (http:\S+)\n/);
    const response = await postMessage(address, 'good evening');
    expect(response.status).toBe(200);
    expect(web.output).not.toContain('archived');

    const worker = run('worker.mjs');
    await worker.printed(/^archived [0-9a-f-]{36}: @TGS#1 good evening$/m);
    expect(await worker.stop('SIGTERM')).toBe(0);
    expect(worker.output).toMatch(/^closed; drained \d$/m);
    expect(await web.stop('SIGTERM')).toBe(0);
    expect(web.output).toMatch(/^closed$/m);
    expect(web.errors + worker.errors).toBe('');
  });

  /** Fails every event until it is dead: the example's own handler never does. */
  async function failAll(dead: number): Promise<void> {
    const onDead = vi.fn();
    const im = new CallbackHandler({
      sdkAppId: SDK_APP_ID,
      token: TOKEN,
      logger: false,
      handlers: {
        [COMMAND]: queued(() => {
          throw new Error('the archive is full');
        }),
      },
    });
    const backoff = { initialMs: 1, maxMs: 1 };
    const worker = createWorker(im, { connection: { url }, name, backoff, onDead });
    try {
      await vi.waitFor(() => expect(onDead).toHaveBeenCalledTimes(dead), PATIENCE);
    } finally {
      await worker.close();
      await im.close();
    }
  }

  it('shows a dashboard that counts what waits, shows dead events, and lets them run again', async () => {
    const web = run('web.mjs', { BOARD: '1' });
    const [, address = ''] = await web.printed(/callbacks at (http:\S+)\n/);
    const [, board = ''] = await web.printed(/Bull Board at (http:\S+)\n/);
    const look = async (status = ''): Promise<BoardQueue | undefined> => {
      const response = await fetch(`${board}/api/queues?activeQueue=${name}&status=${status}`);
      const { queues } = (await response.json()) as { queues: BoardQueue[] };
      expect(queues.map((queue) => queue.name)).toEqual([name]);
      return queues[0];
    };

    const page = await fetch(board);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    expect(html).toContain('<base href="/queues/" />');
    const [, script] = /<script[^>]* src="([^"]+)"/.exec(html) ?? [];
    expect((await fetch(`${board}/${script}`)).headers.get('content-type')).toMatch(/javascript/);

    for (const text of ['one', 'two']) expect((await postMessage(address, text)).status).toBe(200);
    expect(await look()).toMatchObject({ counts: { waiting: 2, failed: 0 }, hasWorkers: false });

    await failAll(2);
    const failed = await look('failed');
    expect(failed?.counts).toMatchObject({ waiting: 0, failed: 2, delayed: 0, active: 0 });
    expect(failed?.jobs.map(({ failedReason }) => failedReason)).toEqual(
      Array(2).fill(expect.stringMatching(/^handler_failed: .*the archive is full$/)),
    );

    const retry = await fetch(`${board}/api/queues/${name}/${failed?.jobs[0]?.id}/retry`, { method: 'PUT' });
    expect(retry.status).toBe(204);
    const worker = run('worker.mjs');
    await worker.printed(/^archived [0-9a-f-]{36}: @TGS#1 (one|two)$/m);
    await vi.waitFor(
      async () =>
        expect(await look()).toMatchObject({ counts: { completed: 1, failed: 1 }, hasWorkers: true }),
      PATIENCE,
    );
    expect(await worker.stop('SIGTERM')).toBe(0);
    expect(await web.stop('SIGTERM')).toBe(0);
    expect(web.errors + worker.errors).toBe('');
  });
});
