/** The disk queue on a disk that is full for a while: files that may not grow, by a limit of the system. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskQueue } from '../../src/queue/disk/disk.js';
import { root } from '../support/built.js';
import { leash } from '../support/leash.js';
import { Recorder } from '../support/queue-events.js';

/** Largest size of a file in KiB, until the process lifts it; the signal that the system sends is ignored. */
const LIMITED = 'trap "" XFSZ; ulimit -S -f 1024; exec "$@"';
const canLimit = spawnSync('prlimit', ['--version']).status === 0;

interface Result {
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

describe.skipIf(!canLimit)('a disk that is full for a while', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'disk-full-'));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  // LevelDB alone loses whatever it accepts behind a write that was cut short: here two thousand events.
  it('makes the queue refuse events and lose none of those that it accepts afterwards', async () => {
    const env = { ...process.env, QUEUE_DIR: join(dir, 'queue'), RESULT_FILE: join(dir, 'result.json') };
    const script = [process.execPath, '--import', 'tsx', 'test/crash/disk-full.ts'];
    const child = spawn('bash', ['-c', LIMITED, 'bash', ...script], { cwd: root, env, stdio: 'inherit' });
    leash(child);
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    const { accepted, refused }: Result = JSON.parse(readFileSync(env.RESULT_FILE, 'utf8'));
    expect(refused.length).toBeGreaterThan(0);
    expect(accepted.length).toBeGreaterThan(1_000);

    const consumer = new Recorder();
    const queue = diskQueue({ dir: env.QUEUE_DIR, workers: 1 });
    await queue.open();
    queue.start(consumer);
    expect(await queue.close()).toMatchObject({ timedOut: false });
    const begun = new Set(consumer.begun);
    expect(accepted.filter((id) => !begun.has(id))).toEqual([]);
    // In the order of acceptance; a refused one may have reached the disk.
    expect(consumer.begun.filter((id) => !refused.includes(id))).toEqual(accepted);
  });
});
