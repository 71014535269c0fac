/** Tells the owner of the receiver what was refused, failed or came too late. Never throws. */

import { isClientError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import type { FailureReport } from '../options/options.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { QueueProblem } from '../queue/queue.js';
import { Refusals } from './refusals.js';

function details(report: FailureReport): object {
  const { error, command, attempt, kind, event } = report;
  return {
    code: error.code,
    kind,
    ...(command === undefined ? {} : { command }),
    ...(event === undefined ? {} : { id: event.id }),
    ...(attempt === undefined ? {} : { attempt }),
    err: error,
  };
}

/** What a log shows first: the failure, the command, which may be any text, and what was thrown. */
function lineOf({ error, command }: FailureReport): string {
  const { message, cause } = error;
  const about = command === undefined ? '' : ` (${command})`;
  const [thrown] = cause === undefined ? [''] : `: ${String(cause)}`.split(/[\r\n]/);
  return printable(`${message}${about}${thrown}`);
}

/** Reports to the logger and to `onInvalid` or `onError`. */
export class Reporter {
  readonly #options: Pick<ResolvedOptions, 'logger' | 'onInvalid' | 'onError'>;
  readonly #seenCodes = new Set<string>();
  readonly #refusals: Refusals;

  constructor(options: Pick<ResolvedOptions, 'logger' | 'onInvalid' | 'onError'>) {
    this.#options = options;
    this.#refusals = new Refusals((details, message) => options.logger.warn(details, message));
  }

  /**
   * Something was refused or failed.
   * @param trusted Whether the request was verified. Anybody can send one that was not: each is told at `debug` only,
   * and all of them together by a few warnings a minute.
   */
  report(report: FailureReport, trusted: boolean): void {
    const { onInvalid, onError, logger } = this.#options;
    const refused = isClientError(report.error);
    const level = !trusted ? 'debug' : refused ? 'warn' : 'error';
    this.guard(() => logger[level](details(report), lineOf(report)));
    if (!trusted) this.guard(() => this.#refusals.note(report.error));
    this.guard(() => (refused ? onInvalid : onError)?.(report));
  }

  /** Something went wrong behind a queue. */
  problem({ error, kind, event, attempt }: QueueProblem): void {
    const about = event === undefined ? {} : { event, command: event.command };
    this.report({ error, kind, ...about, ...(attempt === undefined ? {} : { attempt }) }, true);
  }

  /** A handler used a code outside of its command's range: said once for each. */
  undocumentedCode(command: string, code: number): void {
    const key = `${command} ${code}`;
    if (this.#seenCodes.has(key)) return;
    this.#seenCodes.add(key);
    this.guard(() =>
      this.#options.logger.warn(
        { command, code },
        'ErrorCode is outside of the range that the vendor documents',
      ),
    );
  }

  /** A logger or listener that throws must not take the answer with it. */
  guard(tell: () => void): void {
    try {
      tell();
    } catch (thrown) {
      try {
        this.#options.logger.error({ err: thrown }, 'a listener of qcloud-im-callback threw');
      } catch {
        // Nobody is left to tell.
      }
    }
  }
}
