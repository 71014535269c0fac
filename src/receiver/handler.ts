/** The receiver without any framework, as users see it: each method hands on to the part that does it. */

import { Alarm } from '../base/alarm.js';
import { hasBrand } from '../base/brand.js';
import type { AnswerHints } from '../generated/types.js';
import { Drift, type DriftReport } from '../observe/drift.js';
import type { QcloudImOptions } from '../options/options.js';
import { resolveOptions } from '../options/resolve.js';
import type { AnyRoute, BeforeHook, DefaultHandler, Handler, Registered, Route } from '../options/routes.js';
import type { AnswerBody } from '../pipeline/answer.js';
import { Verifier } from '../pipeline/verify.js';
import type { Command } from '../protocol/commands.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { CallbackRequest, CallbackResponse } from '../protocol/http.js';
import { storedEventFrom } from '../protocol/stored-event.js';
import type { URLParams } from '../protocol/url-params.js';
import { SchemaChecks } from '../protocol/user-schemas.js';
import { FallbackPair } from '../queue/fallback.js';
import type { EventKeeper, ReceiverStats } from '../queue/keeper.js';
import { LazyQueue } from '../queue/lazy.js';
import { memoryQueue } from '../queue/memory/memory.js';
import type { CloseOptions, CloseResult, EventConsumer } from '../queue/queue.js';
import { type Health, healthOf } from './health.js';
import { Lifetime } from './lifetime.js';
import { Observer } from './observer.js';
import { rebuiltEvent } from './rebuild.js';
import { answerEvent, type Receiver, receive } from './receive.js';
import { Registration } from './registration.js';
import { Reporter } from './reporter.js';
import { consume, Runner } from './runner.js';
import { Vitals } from './vitals.js';

const BRAND = Symbol.for('qcloud-im-callback.handler');

/** Numbers of workers, as the Go package's `ConsumerNumGoroutine` gives them. */
export interface Workers {
  /** Workers that are always there. */
  readonly master: number;
  /** Workers that were added under load and are alive now. */
  readonly assistActive: number;
}

/** Receives callbacks. One handler can be mounted in several places and frameworks at once. */
export class CallbackHandler {
  /** Runs the handlers of stored events, for workers that take them from a queue of their own. */
  readonly consumer: EventConsumer;
  readonly #receiver: Receiver;
  readonly #registration: Registration;
  readonly #keeper: EventKeeper;

  /** @throws ConfigurationError when an option cannot work; the message says what to write instead. */
  constructor(options: QcloudImOptions) {
    const resolved = resolveOptions(options);
    const reporter = new Reporter(resolved);
    const observer = new Observer({ ...resolved, guard: (tell) => reporter.guard(tell) });
    const registration = new Registration(options);
    this.consumer = {
      decode: (item) => rebuiltEvent(storedEventFrom(item), resolved),
      consume: (stored, run) => {
        const event = stored.forAttempt(run.attempt, () => run.signal);
        const work = (): Promise<void> => consume(event, registration);
        return observer.wants('run') ? observer.run(event, work) : work();
      },
      report: (problem) => reporter.problem(problem),
    };
    const { queue = memoryQueue(), fallback, schemas } = options;
    const keeper =
      fallback === undefined
        ? new LazyQueue(queue, this.consumer)
        : new FallbackPair(queue, fallback, this.consumer);
    const checks = schemas === undefined ? undefined : new SchemaChecks(schemas);
    this.#registration = registration;
    this.#keeper = keeper;
    this.#receiver = {
      options: resolved,
      verifier: new Verifier(resolved),
      schemas: checks,
      runner: new Runner({ registration, keeper, reporter, observer, dedupe: resolved.dedupe }),
      reporter,
      observer,
      vitals: new Vitals(),
      drift: resolved.drift === undefined ? undefined : new Drift(resolved.drift),
      lifetime: new Lifetime(keeper, checks, reporter),
      alarm: new Alarm(true),
    };
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Takes a receiver as it is, also one of another copy of this package, and makes one of options. */
  static from(options: QcloudImOptions | CallbackHandler): CallbackHandler {
    return isHandler(options) ? options : new CallbackHandler(options);
  }

  /** Most bytes of a body. */
  get bodyLimit(): number {
    return this.#receiver.options.bodyLimit;
  }

  /** The path that is answered; `undefined`: the adapter decides. */
  get path(): string | undefined {
    return this.#receiver.options.path;
  }

  /**
   * Registers a handler or route; a later one replaces an earlier one, also after traffic has started.
   * @throws ConfigurationError `command_misspelt`, `command_unknown`, `handler_invalid` or `answer_required`.
   */
  register<Name extends Command>(command: Name, route: Registered<AnswerHints[Name], Name>): this {
    this.#registration.routes.set(command, route);
    return this;
  }

  /** Registers a handler or route for a command that is not documented. */
  registerOther(command: string, route: Handler<string> | Route<string>): this {
    this.#registration.routes.setOther(command, route);
    return this;
  }

  /** Removes what is registered for a command; says whether something was. */
  unregister(command: string): boolean {
    return this.#registration.routes.delete(command);
  }

  /** Whether something is registered for a command. */
  has(command: string): boolean {
    return this.#registration.routes.get(command) !== undefined;
  }

  /** What is registered for a command. */
  get(command: string): AnyRoute | undefined {
    return this.#registration.routes.get(command);
  }

  /** Replaces the hook that runs before every handler; `undefined` removes it. */
  registerBeforeHook(hook: BeforeHook | undefined): this {
    this.#registration.hook = hook;
    return this;
  }

  /** Replaces the handler of commands without one. */
  registerDefaultHandler(handler: DefaultHandler): this {
    this.#registration.defaultHandler = handler;
    return this;
  }

  /** How many workers run queued handlers. */
  workers(): Workers {
    const { workers, assist } = this.#keeper.stats();
    return { master: workers, assistActive: assist };
  }

  /** How it is, for probes and load balancers. Costs little; nothing is asked over a network. */
  health(): Health {
    const { lifetime, vitals } = this.#receiver;
    const { hasSchemas, isLeaving: closing } = lifetime;
    return healthOf(this.#keeper.health(), vitals, { hasSchemas, closing });
  }

  /** What the vendor has sent that this release does not know; nothing where the option `drift` is `false`. */
  drift(): DriftReport {
    return (this.#receiver.drift ?? new Drift(0)).report();
  }

  /** Makes `health()` say that this is closing, so that others are sent the callbacks; it still answers. */
  leave(): void {
    this.#receiver.lifetime.leave();
  }

  /** Resolves when the process may end without losing an accepted event, as where each request has a process. */
  idle(): Promise<void> {
    return this.#keeper.idle();
  }

  /** Figures of the queue, and of its fallback where there is one. */
  stats(): ReceiverStats {
    return this.#keeper.stats();
  }

  /**
   * Resolves when the queue accepts events and your schemas are compiled. Rejects with a `CallbackError` when
   * the queue cannot be opened, with a `ConfigurationError` when a schema does not compile.
   */
  ready(): Promise<void> {
    return this.#receiver.lifetime.ready();
  }

  /**
   * Builds an event without HTTP, as tests and replays want it. Nothing is verified; the body is checked.
   * @throws CallbackError `query_invalid`, `body_not_json`, `body_unreadable`, `body_too_large`,
   * `command_mismatch` or `body_invalid`.
   */
  createEvent(params: Partial<URLParams>, rawBody: Uint8Array | string): AnyCallbackEvent {
    return rebuiltEvent({ params, rawBody }, this.#receiver.options);
  }

  /**
   * Runs an event: the hook, then its handler or the queue, else the default handler.
   * @throws CallbackError `handler_failed`, `handler_timeout`, `queue_full`, `queue_failed` or `closing`.
   */
  handle(event: AnyCallbackEvent): Promise<AnswerBody> {
    return answerEvent(event, this.#receiver);
  }

  /** Answers a request. Never rejects: every failure is an answer. */
  receive(request: CallbackRequest): Promise<CallbackResponse> {
    return receive(request, this.#receiver);
  }

  /** Stops taking callbacks, waits for those that are being answered, then drains and closes the queue. */
  close(options: CloseOptions = {}): Promise<CloseResult> {
    return this.#receiver.lifetime.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isHandler(value: QcloudImOptions | CallbackHandler): value is CallbackHandler {
  return hasBrand(value, BRAND);
}
