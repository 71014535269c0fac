/** The life of a receiver: it gets ready, answers, and closes when nothing is being answered any more. */

import { CallbackError } from '../base/errors.js';
import { timerMs } from '../base/timers.js';
import type { SchemaChecks } from '../protocol/user-schemas.js';
import type { EventKeeper } from '../queue/keeper.js';
import { CLOSE_TIMEOUT_MS, type CloseOptions, type CloseResult } from '../queue/queue.js';
import type { Reporter } from './reporter.js';

/** States: open → closing, from the first call of `close` on. */
export class Lifetime {
  readonly #keeper: EventKeeper;
  readonly #schemas: SchemaChecks | undefined;
  #running = 0;
  #lastHasEnded: (() => void) | undefined;
  #closing: Promise<CloseResult> | undefined;
  #leaving = false;
  #hasSchemas: boolean;

  /** Opens the queue. What fails is reported, as nobody has to await `ready`, which rejects with the same error. */
  constructor(keeper: EventKeeper, schemas: SchemaChecks | undefined, reporter: Reporter) {
    this.#keeper = keeper;
    this.#schemas = schemas;
    const report = (error: unknown): void =>
      reporter.report({ error: CallbackError.from(error, 'internal'), kind: 'store' }, true);
    this.#hasSchemas = schemas === undefined;
    keeper.ready().catch(report);
    schemas?.ready().then(() => {
      this.#hasSchemas = true;
    }, report);
  }

  /**
   * Resolves when the queue accepts events and the user's schemas are compiled. Rejects with a `CallbackError`
   * when the queue cannot be opened, with a `ConfigurationError` when a schema does not compile.
   */
  async ready(): Promise<void> {
    await this.#schemas?.ready();
    await this.#keeper.ready();
  }

  /** Whether the user's schemas are compiled. */
  get hasSchemas(): boolean {
    return this.#hasSchemas;
  }

  /** Whether the end is near; requests are answered until `isClosing`. */
  get isLeaving(): boolean {
    return this.#leaving || this.isClosing;
  }

  leave(): void {
    this.#leaving = true;
  }

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** A request or an event is being answered; `end` has to follow. */
  begin(): void {
    this.#running++;
  }

  end(): void {
    if (--this.#running === 0) this.#lastHasEnded?.();
  }

  /** Waits for what is being answered, then drains and closes the queue; later calls get the first one's result. */
  close({ timeoutMs }: CloseOptions): Promise<CloseResult> {
    this.#closing ??= this.#close(performance.now() + timerMs(timeoutMs, CLOSE_TIMEOUT_MS));
    return this.#closing;
  }

  async #close(until: number): Promise<CloseResult> {
    const left = (): number => Math.max(0, until - performance.now());
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left());
        this.#lastHasEnded = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#keeper.close({ timeoutMs: left() });
  }
}
