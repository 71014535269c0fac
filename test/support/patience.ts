/** What tests wait for comes on any machine, sooner or later: vitest's own second is a measure of the machine. */

import { vi } from 'vitest';

const PATIENCE_MS = 30_000;

const { waitFor } = vi;
vi.waitFor = (callback, options = {}) =>
  waitFor(callback, {
    timeout: PATIENCE_MS,
    ...(typeof options === 'number' ? { timeout: options } : options),
  });
