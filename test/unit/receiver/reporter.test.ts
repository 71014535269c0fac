import { describe, expect, it, vi } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { Reporter } from '../../../src/receiver/reporter.js';
import { sampleEvent } from '../../support/queue-events.js';

function setUp() {
  const logger = { debug: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const onInvalid = vi.fn();
  const onError = vi.fn();
  return { logger, onInvalid, onError, reporter: new Reporter({ logger, onInvalid, onError }) };
}

describe('Reporter', () => {
  it('tells of a refused stranger at debug level, by one warning, and onInvalid', () => {
    const { reporter, logger, onInvalid, onError } = setUp();
    const report = { error: new CallbackError('signature_invalid'), kind: 'request' } as const;
    reporter.report(report, false);
    expect(logger.debug).toHaveBeenCalledWith(
      { code: 'signature_invalid', kind: 'request', err: report.error },
      report.error.message,
    );
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.error).not.toHaveBeenCalled();
    expect(onInvalid.mock.calls).toEqual([[report]]);
    expect(onError).not.toHaveBeenCalled();
  });

  it('warns of a trusted sender whose request was refused', () => {
    const { reporter, logger } = setUp();
    reporter.report({ error: new CallbackError('body_invalid'), kind: 'request' }, true);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.debug).not.toHaveBeenCalled();
  });

  it('never writes an error because of a stranger, whatever failed, and few warnings', () => {
    const { reporter, logger, onError } = setUp();
    for (let request = 0; request < 1_000; request++) {
      for (const code of ['token_unavailable', 'internal', 'app_unknown'] as const)
        reporter.report({ error: new CallbackError(code), kind: 'request' }, false);
    }
    expect(logger.error).not.toHaveBeenCalled();
    expect(logger.warn).toHaveBeenCalledTimes(3);
    expect(onError).toHaveBeenCalledTimes(2_000);
  });

  it('has command and cause on the first line, and no more than a line', () => {
    const { reporter, logger } = setUp();
    const cause = new TypeError('x is not a function\nsecond line');
    const error = new CallbackError('handler_failed', { cause });
    reporter.report({ error, kind: 'request', command: 'C2C.CallbackBeforeSendMsg' }, true);
    expect(logger.error.mock.calls[0]?.[1]).toBe(
      'handler_failed: a hook or handler threw or returned no answer (C2C.CallbackBeforeSendMsg): TypeError: x is not a function',
    );
  });

  it('is one line and steers no terminal, whatever a stranger has called his command', () => {
    const { reporter, logger } = setUp();
    const error = new CallbackError('signature_invalid');
    reporter.report({ error, kind: 'request', command: 'A\n12:00:00 forged\u001b[2J' }, false);
    expect(logger.debug.mock.calls[0]?.[1]).toBe(
      'signature_invalid: Sign fits no token (A\\u000a12:00:00 forged\\u001b[2J)',
    );
  });

  it('logs failures of ours as errors with what is known, and tells onError', () => {
    const { reporter, logger, onInvalid, onError } = setUp();
    const error = new CallbackError('handler_failed');
    reporter.report(
      { error, kind: 'dead', event: sampleEvent('7'), command: 'My.Command', attempt: 2 },
      true,
    );
    expect(logger.error).toHaveBeenCalledWith(
      { code: 'handler_failed', kind: 'dead', command: 'My.Command', id: '7', attempt: 2, err: error },
      `${error.message} (My.Command)`,
    );
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onInvalid).not.toHaveBeenCalled();
  });

  it('still tells the logger and goes on when a listener throws', () => {
    const { logger } = setUp();
    const thrown = new Error('listener');
    const reporter = new Reporter({
      logger,
      onInvalid: undefined,
      onError: () => {
        throw thrown;
      },
    });
    reporter.report({ error: new CallbackError('internal'), kind: 'request' }, true);
    expect(logger.error).toHaveBeenLastCalledWith({ err: thrown }, expect.stringContaining('listener'));
  });

  it('tells the listener though the logger throws, and never throws itself', () => {
    const fail = (): never => {
      throw new Error('logger');
    };
    const onError = vi.fn();
    const reporter = new Reporter({
      logger: { debug: fail, warn: fail, error: fail },
      onInvalid: undefined,
      onError,
    });
    reporter.report({ error: new CallbackError('internal'), kind: 'request' }, true);
    reporter.report({ error: new CallbackError('body_invalid'), kind: 'request' }, true);
    reporter.undocumentedCode('My.Command', 7);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('says once per command and code that a code is not documented', () => {
    const { reporter, logger } = setUp();
    for (const [command, code] of [
      ['a', 1],
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ] as const)
      reporter.undocumentedCode(command, code);
    expect(logger.warn.mock.calls.map(([details]) => details)).toEqual([
      { command: 'a', code: 1 },
      { command: 'a', code: 2 },
      { command: 'b', code: 1 },
    ]);
  });
});
