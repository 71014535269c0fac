/** What waits in memory takes as much as its bytes. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from '../support/built.js';

it('hundreds of events whose bodies are fifteen times their bytes wait in a heap of 256 MB', async () => {
  const args = ['--max-old-space-size=256', '--import', 'tsx', 'test/load/resting.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(JSON.parse(stdout)).toEqual({ accepted: 300, waiting: 298, handled: 300, itemsOfEach: 349_521 });
});
