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
  it('tells of a refused stranger at debug level only, and onInvalid', () => {
    const { reporter, logger, onInvalid, onError } = setUp();
    const report = { error: new CallbackError('signature_invalid'), kind: 'request' } as const;
    reporter.report(report, false);
    expect(logger.debug).toHaveBeenCalledWith(
      { code: 'signature_invalid', kind: 'request', err: report.error },
      report.error.message,
    );
    expect(logger.warn).not.toHaveBeenCalled();
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

  it('logs failures of ours as errors with what is known, whoever sent, and tells onError', () => {
    const { reporter, logger, onInvalid, onError } = setUp();
    const error = new CallbackError('handler_failed');
    reporter.report(
      { error, kind: 'dead', event: sampleEvent('7'), command: 'My.Command', attempt: 2 },
      false,
    );
    expect(logger.error).toHaveBeenCalledWith(
      { code: 'handler_failed', kind: 'dead', command: 'My.Command', id: '7', attempt: 2, err: error },
      error.message,
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
