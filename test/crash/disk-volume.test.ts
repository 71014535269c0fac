/** A volume that the disk queue itself has filled: a small one in memory, in a namespace of its own. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { root } from '../support/built.js';

const MOUNT = 'mount -t tmpfs -o size=256m tmpfs "$VOLUME"';
const SCRIPT = `${MOUNT} || exit 9
  TASK=fill RESULT_FILE="$FILLED" "$NODE" --import tsx test/crash/disk-volume.ts
  TASK='work off' RESULT_FILE="$WORKED_OFF" "$NODE" --import tsx test/crash/disk-volume.ts`;

function inNamespace(script: string): [string, string[]] {
  return ['unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script]];
}

const probe = spawnSync(...inNamespace(MOUNT), { env: { ...process.env, VOLUME: tmpdir() } });

describe.skipIf(probe.status !== 0)('a volume that the queue has filled', () => {
  it('is opened after a restart, worked off, and takes events again', { timeout: 180_000 }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'disk-volume-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const [volume, filled, workedOff] = ['volume', 'filled', 'worked-off'].map((name) => join(dir, name));
    mkdirSync(String(volume));
    const env = {
      ...process.env,
      NODE: process.execPath,
      VOLUME: volume,
      QUEUE_DIR: join(String(volume), 'queue'),
      FILLED: filled,
      WORKED_OFF: workedOff,
    };
    execFileSync(...inNamespace(SCRIPT), { cwd: root, env, stdio: 'inherit' });
    const { accepted, codes } = JSON.parse(readFileSync(String(filled), 'utf8'));
    expect(codes).toEqual(['queue_full']);
    expect(accepted).toBeGreaterThan(20_000);
    const { handled, ...rest } = JSON.parse(readFileSync(String(workedOff), 'utf8'));
    expect(handled).toBeGreaterThan(accepted);
    expect(rest).toEqual({ timedOut: false, problems: [] });
  });
});
