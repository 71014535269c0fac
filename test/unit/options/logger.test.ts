import { afterEach, expect, it, vi } from 'vitest';
import { consoleLogger, silentLogger } from '../../../src/options/logger.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('writes warnings and errors to the console and drops what is for debugging', () => {
  const methods = ['debug', 'log', 'info', 'warn', 'error'] as const;
  const spies = methods.map((name) => vi.spyOn(console, name).mockImplementation(() => undefined));
  consoleLogger.debug({ a: 1 }, 'debug');
  consoleLogger.warn({ b: 2 }, 'warn');
  consoleLogger.error({ c: 3 }, 'error');
  expect(spies.map((spy) => spy.mock.calls)).toEqual([
    [],
    [],
    [],
    [['warn', { b: 2 }]],
    [['error', { c: 3 }]],
  ]);
});

it('writes nothing when silent', () => {
  const spies = (['debug', 'log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
  silentLogger.debug({}, 'x');
  silentLogger.warn({}, 'x');
  silentLogger.error({}, 'x');
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
});
