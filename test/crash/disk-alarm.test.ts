/** `kill -9` at any moment, the opening included, is no damage: nothing may be said to be missing. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Program } from '../support/child.js';

const KILLS = 30;
/** The moments of the kills: so long, in milliseconds, after the opening has begun, or has ended. */
const DURING = { step: 7, range: 60 };
const AFTER = { step: 37, range: 400 };

it('a disk queue that is killed at any moment never says that events are missing', {
  timeout: 180_000,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'disk-alarm-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const env = {
    NODE_OPTIONS: '--import tsx',
    QUEUE_DIR: join(root, 'queue'),
    ALARMS_FILE: join(root, 'alarms'),
  };
  writeFileSync(env.ALARMS_FILE, '');
  for (let kill = 0; kill <= KILLS; kill += 1) {
    const program = new Program('test/crash/disk-alarm.ts', env);
    onTestFinished(() => program.stop('SIGKILL').then(() => undefined));
    // The last one says what the kill before it has done.
    const opening = kill % 3 === 1 && kill < KILLS;
    const { step, range } = opening ? DURING : AFTER;
    await program.printed(opening ? /loaded/ : /open/);
    await sleep((kill * step) % range);
    await program.stop('SIGKILL');
  }
  expect(readFileSync(env.ALARMS_FILE, 'utf8')).toBe('');
  expect(readdirSync(env.QUEUE_DIR).filter((name) => name.startsWith('remains-'))).toEqual([]);
});
