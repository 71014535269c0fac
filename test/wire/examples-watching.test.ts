import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleBody, signedQuery } from '../../src/testing.js';
import { Program } from '../support/child.js';

const run = promisify(execFile);
const grafana = fileURLToPath(new URL('../../examples/grafana/', import.meta.url));
const COMMAND = 'Group.CallbackAfterSendMsg';

const programs: Program[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop('SIGKILL');
});

/** Starts an example; gives its address. */
async function start(
  script: string,
  env: Record<string, string> = {},
): Promise<{ program: Program; url: string }> {
  const program = new Program(script, { PORT: '0', IM_CALLBACK_TOKEN: 'demo-token', ...env });
  programs.push(program);
  const [, url = ''] = await program.printed(/(http:\/\/127\.0\.0\.1:\d+)\//);
  return { program, url };
}

describe('examples/health.mjs', () => {
  it('is ready, then says that it closes while it still answers, and ends', async () => {
    const { program, url } = await start('examples/health.mjs', { DRAIN_MS: '2000' });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, closing: false }]);
    const health = await fetch(`${url}/healthz`);
    expect(await health.json()).toMatchObject({ queue: { state: 'open' }, refused: { count: 0 } });
    const ended = program.stop('SIGTERM');
    await sleep(100);
    const closing = await fetch(`${url}/readyz`);
    expect([closing.status, await closing.json()]).toEqual([503, { ready: false, closing: true }]);
    expect(await ended).toBe(0);
    expect(program.output).toMatch(/^closed; drained 0, not done 0$/m);
  });
});

/** The names of metrics in a text of expressions. */
const namesIn = (text: string): string[] => [...text.matchAll(/qcloud_im_\w+/g)].map(([name]) => name);

describe('examples/metrics.mjs', () => {
  it('serves what the dashboard and the alerts ask for, in a form that promtool takes', async () => {
    const { program, url } = await start('examples/metrics.mjs', { METRICS_PORT: '0' });
    const [, metricsUrl = ''] = await program.printed(/(http:.*\/metrics)/);
    const query = await signedQuery({ token: 'demo-token', sdkAppId: 1400000000, command: COMMAND });
    const body = JSON.stringify(sampleBody(COMMAND));
    const answer = await fetch(`${url}/im/callback?${query}`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    await program.printed(/archived/);
    const text = await (await fetch(metricsUrl)).text();
    expect(text).toContain(
      `qcloud_im_callbacks_total{command="${COMMAND}",outcome="queued",code="",answer="ok"} 1`,
    );

    const served = new Set(namesIn(text.replaceAll(/^#.*$/gm, '')));
    const asked = ['dashboard.json', 'alerts.yml'].flatMap((file) =>
      namesIn(readFileSync(grafana + file, 'utf8')),
    );
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((name) => !served.has(name))).toEqual([]);

    const rules = await run('promtool', ['check', 'rules', `${grafana}alerts.yml`]).catch(
      (error: unknown) => error,
    );
    if ((rules as { code?: unknown }).code !== 'ENOENT')
      expect(rules).toMatchObject({ stdout: expect.stringContaining('SUCCESS') });
  });
});
