import { afterEach, expect, it, vi } from 'vitest';
import * as platform from '../../../src/platform/node.js';
import { describePlatform } from './cases.js';

describePlatform('platform/node', platform);

const { isTTY } = process.stdout;

afterEach(() => {
  process.stdout.isTTY = isTTY;
  vi.unstubAllEnvs();
});

it.each([
  [true, undefined, true],
  [true, '1', false],
  [false, undefined, false],
])('prints in colours on a terminal (%s) unless NO_COLOR (%s) forbids it', (terminal, noColor, colourful) => {
  process.stdout.isTTY = terminal;
  vi.stubEnv('NO_COLOR', noColor);
  expect(platform.isColourful()).toBe(colourful);
});
