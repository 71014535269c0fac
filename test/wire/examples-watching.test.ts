import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Program } from '../support/child.js';

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
