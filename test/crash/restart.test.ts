/** Processes that are told to end while a proxy goes on sending to them, as in a rolling restart without a probe. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Program } from '../support/child.js';
import { Load, TOKEN } from './load.js';
import { KeepingProxy } from './proxy.js';

const RESTARTS = 10;
const DRAIN_MS = 300;
const CALLERS = 16;

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe('ten blunt restarts under load', () => {
  it('fail no request, and lose no accepted event', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'restart-'));
    ends.push(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'handled');
    const proxy = new KeepingProxy();
    ends.push(() => proxy.close());
    const start = async (): Promise<{ program: Program; port: number }> => {
      const program = new Program('test/crash/restart-receiver.ts', {
        HANDLED_FILE: file,
        TOKEN,
        DRAIN_MS: String(DRAIN_MS),
        NODE_OPTIONS: '--import tsx',
      });
      ends.push(() => program.stop('SIGKILL'));
      const [, port] = await program.printed(/listening on (\d+)/);
      return { program, port: Number(port) };
    };
    const running = [await start(), await start()];
    proxy.ports.push(...running.map(({ port }) => port));

    const load = new Load(CALLERS, () => 1);
    load.start(await proxy.listen());
    for (let restart = 0; restart < RESTARTS; restart++) {
      const fresh = await start();
      proxy.ports.push(fresh.port);
      await sleep(100);
      const old = running.shift();
      running.push(fresh);
      // Still in rotation until it is gone.
      expect(await old?.program.stop('SIGTERM')).toBe(0);
      expect(old?.program.output).toContain('left 0 false');
      proxy.ports.splice(proxy.ports.indexOf(old?.port ?? 0), 1);
    }
    load.stop();
    await load.ended();
    for (const { program } of running) expect(await program.stop('SIGTERM')).toBe(0);

    expect(proxy.failures).toEqual([]);
    expect(load.refusals).toBe(0);
    expect(load.answered.size).toBe(load.sent);
    expect(load.sent).toBeGreaterThan(1_000);
    const handled = new Set(readFileSync(file, 'utf8').trim().split('\n'));
    expect([...load.answered].filter((text) => !handled.has(text))).toEqual([]);
  });
});
