/** Tells the owner of the receiver what was refused, failed or came too late. Never throws. */

import { isClientError } from '../base/errors.js';
import type { FailureReport } from '../options/options.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { QueueProblem } from '../queue/queue.js';

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

/** Reports to the logger and to `onInvalid` or `onError`. */
export class Reporter {
  readonly #options: Pick<ResolvedOptions, 'logger' | 'onInvalid' | 'onError'>;
  readonly #seenCodes = new Set<string>();

  constructor(options: Pick<ResolvedOptions, 'logger' | 'onInvalid' | 'onError'>) {
    this.#options = options;
  }

  /**
   * Something was refused or failed.
   * @param trusted Whether the request was verified: anybody can send one that was not, so it is only of
   * interest for debugging.
   */
  report(report: FailureReport, trusted: boolean): void {
    const { onInvalid, onError, logger } = this.#options;
    const refused = isClientError(report.error);
    const level = !refused ? 'error' : trusted ? 'warn' : 'debug';
    this.#guard(() => logger[level](details(report), report.error.message));
    this.#guard(() => (refused ? onInvalid : onError)?.(report));
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
    this.#guard(() =>
      this.#options.logger.warn(
        { command, code },
        'ErrorCode is outside of the range that the vendor documents',
      ),
    );
  }

  /** A logger or listener that throws must not take the answer with it. */
  #guard(tell: () => void): void {
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
