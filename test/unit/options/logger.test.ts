import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger, prettyLogger, silentLogger } from '../../../src/options/logger.js';

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

describe('the logger for people', () => {
  const NOON = new Date(2026, 0, 2, 12, 0, 1);

  /** What it prints for three lines. */
  function printed(colourful: boolean, err: unknown): string[] {
    const lines: string[] = [];
    for (const name of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, name).mockImplementation((line: string) => {
        lines.push(line);
      });
    }
    const logger = prettyLogger(colourful, () => NOON);
    logger.debug({ outcome: 'answered' }, 'A answered in 3 ms');
    logger.debug({ code: 'signature_invalid' }, 'signature_invalid');
    logger.warn({}, 'look');
    logger.error({ err }, 'broken');
    return lines;
  }

  it('prints the time and the message, and where it was thrown', () => {
    const cause = Object.assign(new Error('no'), { stack: 'Error: no\n    at handler.js' });
    expect(printed(false, new Error('handler_failed', { cause }))).toEqual([
      '12:00:01 A answered in 3 ms',
      '12:00:01 signature_invalid',
      '12:00:01 look',
      '12:00:01 broken\nError: no\n    at handler.js',
    ]);
  });

  it('prints in colours on a terminal', () => {
    const time = '\u001b[2m12:00:01\u001b[0m';
    expect(printed(true, 'no error')).toEqual([
      `${time} \u001b[32mA answered in 3 ms\u001b[0m`,
      `${time} \u001b[2msignature_invalid\u001b[0m`,
      `${time} \u001b[33mlook\u001b[0m`,
      `${time} \u001b[31mbroken\u001b[0m`,
    ]);
  });

  it('prints the stack of a failure without a cause, by the clock of the machine', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const err = Object.assign(new Error('no'), { stack: 'the stack' });
    prettyLogger(false).error({ err }, 'broken');
    expect(error.mock.calls[0]?.[0]).toMatch(/^\d\d:\d\d:\d\d broken\nthe stack$/);
  });
});
