/** The receiver without any framework: composes the stages and owns what is registered. */

import { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable, whenThere } from '../base/thenable.js';
import { timerMs } from '../base/timers.js';
import type { AnswerHints } from '../generated/types.js';
import { type QcloudImOptions, type ResolvedOptions, resolveOptions } from '../options/options.js';
import type { AnyRoute, BeforeHook, DefaultHandler, Handler, Registered, Route } from '../options/routes.js';
import { type AnswerBody, respond, respondToUrlCheck } from '../pipeline/answer.js';
import { decodeBody, rawBodyOf, readBody } from '../pipeline/body.js';
import type { Enqueue } from '../pipeline/dispatch.js';
import { type Envelope, readEnvelope } from '../pipeline/envelope.js';
import { answerFailure, lateError, reportOf, type Trace } from '../pipeline/failure.js';
import { settleIssues, validateBody } from '../pipeline/validate.js';
import { Verifier } from '../pipeline/verify.js';
import type { Command } from '../protocol/commands.js';
import { type AnyCallbackEvent, eventFrom, type URLParams } from '../protocol/event.js';
import type { BodyContent, CallbackRequest, CallbackResponse } from '../protocol/http.js';
import { type StoredParts, storedEventFrom } from '../protocol/stored-event.js';
import { SchemaChecks } from '../protocol/user-schemas.js';
import type { ReceiverStats } from '../queue/keeper.js';
import { memoryQueue } from '../queue/memory/memory.js';
import { CLOSE_TIMEOUT_MS, type CloseOptions, type CloseResult, type EventConsumer } from '../queue/queue.js';
import { Background, type Workers } from './background.js';
import { Reporter } from './reporter.js';
import { Runner } from './runner.js';

const BRAND = Symbol.for('qcloud-im-callback.handler');

function isHandler(value: QcloudImOptions | CallbackHandler): value is CallbackHandler {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** What an event is built of without HTTP. */
type EventParts = Pick<StoredParts, 'params'> &
  Partial<Pick<StoredParts, 'id' | 'receivedAt'>> & { readonly rawBody: Uint8Array | string };

/** Receives callbacks. One handler can be mounted in several places and frameworks at once. */
export class CallbackHandler {
  /** Runs the handlers of stored events, for workers that take them from a queue of their own. */
  readonly consumer: EventConsumer;
  readonly #options: ResolvedOptions;
  readonly #verifier: Verifier;
  readonly #reporter: Reporter;
  readonly #schemas: SchemaChecks | undefined;
  readonly #runner: Runner;
  readonly #background: Background;
  readonly #enqueue: Enqueue = (event, deadline) => this.#background.enqueue(event, deadline);
  #running = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<CloseResult> | undefined;

  /** @throws ConfigurationError when an option cannot work; the message says what to write instead. */
  constructor(options: QcloudImOptions) {
    this.#options = resolveOptions(options);
    this.#verifier = new Verifier(this.#options);
    this.#reporter = new Reporter(this.#options);
    if (options.schemas !== undefined) this.#schemas = new SchemaChecks(options.schemas);
    this.#runner = new Runner(this.#reporter, this.#options.dedupe);
    const { routes } = this.#runner;
    for (const [command, route] of Object.entries(options.handlers ?? {})) routes.set(command, route);
    for (const [command, route] of Object.entries(options.otherHandlers ?? {}))
      routes.setOther(command, route);
    this.#runner.setHook(options.beforeHook);
    if (options.defaultHandler !== undefined) this.#runner.setDefaultHandler(options.defaultHandler);
    this.consumer = {
      decode: (item) => this.#build(storedEventFrom(item)),
      consume: (event, run) => this.#runner.consume(event.forAttempt(run.attempt, () => run.signal)),
      report: (problem) => this.#reporter.problem(problem),
    };
    this.#background = new Background(options.queue ?? memoryQueue(), this.consumer, options.fallback);
    // Whoever awaits ready() gets the same error.
    const report = (error: unknown): void =>
      this.#reporter.report({ error: CallbackError.from(error, 'internal'), kind: 'store' }, true);
    this.#background.ready().catch(report);
    this.#schemas?.ready().catch(report);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Takes a receiver as it is, also one of another copy of this package, and makes one of options. */
  static from(options: QcloudImOptions | CallbackHandler): CallbackHandler {
    return isHandler(options) ? options : new CallbackHandler(options);
  }

  /** Most bytes of a body. */
  get bodyLimit(): number {
    return this.#options.bodyLimit;
  }

  /** The path that is answered; `undefined`: the adapter decides. */
  get path(): string | undefined {
    return this.#options.path;
  }

  /**
   * Registers a handler or route; a later one replaces an earlier one, also after traffic has started.
   * @throws ConfigurationError `command_misspelt`, `command_unknown`, `handler_invalid` or `answer_required`.
   */
  register<Name extends Command>(command: Name, route: Registered<AnswerHints[Name], Name>): this {
    this.#runner.routes.set(command, route);
    return this;
  }

  /** Registers a handler or route for a command that is not documented. */
  registerOther(command: string, route: Handler<string> | Route<string>): this {
    this.#runner.routes.setOther(command, route);
    return this;
  }

  /** Removes what is registered for a command; says whether something was. */
  unregister(command: string): boolean {
    return this.#runner.routes.delete(command);
  }

  /** Whether something is registered for a command. */
  has(command: string): boolean {
    return this.#runner.routes.get(command) !== undefined;
  }

  /** What is registered for a command. */
  get(command: string): AnyRoute | undefined {
    return this.#runner.routes.get(command);
  }

  /** Replaces the hook that runs before every handler; `undefined` removes it. */
  registerBeforeHook(hook: BeforeHook | undefined): this {
    this.#runner.setHook(hook);
    return this;
  }

  /** Replaces the handler of commands without one. */
  registerDefaultHandler(handler: DefaultHandler): this {
    this.#runner.setDefaultHandler(handler);
    return this;
  }

  /** How many workers run queued handlers. */
  workers(): Workers {
    return this.#background.workers();
  }

  /** Resolves when the process may end without losing an accepted event. */
  idle(): Promise<void> {
    return this.#background.idle();
  }

  /** Figures of the queue, and of its fallback where there is one. */
  stats(): ReceiverStats {
    return this.#background.stats();
  }

  /**
   * Resolves when the queue accepts events and your schemas are compiled. Rejects with a `CallbackError` when
   * the queue cannot be opened, with a `ConfigurationError` when a schema does not compile.
   */
  async ready(): Promise<void> {
    await this.#schemas?.ready();
    await this.#background.ready();
  }

  /**
   * Builds an event without HTTP, as tests and replays want it. Nothing is verified; the body is checked.
   * @throws CallbackError `query_invalid`, `body_not_json`, `body_unreadable`, `body_too_large`,
   * `command_mismatch` or `body_invalid`.
   */
  createEvent(params: Partial<URLParams>, rawBody: Uint8Array | string): AnyCallbackEvent {
    return this.#build({ params, rawBody });
  }

  /**
   * Runs an event: the hook, then its handler or the queue, else the default handler.
   * @throws CallbackError `handler_failed`, `handler_timeout`, `queue_full`, `queue_failed` or `closing`.
   */
  async handle(event: AnyCallbackEvent): Promise<AnswerBody> {
    if (this.#closing !== undefined) throw new CallbackError('closing');
    const deadline = this.#deadline({ event });
    this.#running++;
    try {
      return await this.#runner.answer(event, deadline, this.#enqueue);
    } finally {
      this.#end(deadline);
    }
  }

  /** Answers a request. Never throws: every failure is an answer. */
  async receive(request: CallbackRequest): Promise<CallbackResponse> {
    const trace: Trace = { bodyRead: request.body.received };
    const deadline = this.#deadline(trace);
    this.#running++;
    try {
      const envelope = readEnvelope(request);
      trace.envelope = envelope;
      const verifying = this.#verifier.verify(envelope, request.remoteAddress, deadline);
      if (verifying !== undefined) await verifying;
      trace.verified = true;
      if (this.#closing !== undefined) throw new CallbackError('closing');
      const reading = readBody(request.body, this.#options.bodyLimit, deadline);
      const content = isThenable(reading) ? await reading : reading;
      const answering = this.#answer(content, envelope, request.background, trace, deadline);
      return isThenable(answering) ? await answering : answering;
    } catch (thrown) {
      const error = CallbackError.from(thrown, 'internal');
      this.#reporter.report({ ...reportOf(trace, error), kind: 'request' }, trace.verified === true);
      return answerFailure(error, trace, this.#options.onFailure);
    } finally {
      this.#end(deadline);
    }
  }

  #end(deadline: Deadline): void {
    deadline.end();
    if (--this.#running === 0) this.#idle?.();
  }

  /** The stages behind the body. */
  #answer(
    content: BodyContent,
    envelope: Envelope,
    background: boolean | undefined,
    trace: Trace,
    deadline: Deadline,
  ): CallbackResponse | Promise<CallbackResponse> {
    const { bodyLimit, acceptInvalid, now } = this.#options;
    trace.bodyRead = true;
    trace.rawBody = rawBodyOf(content);
    const { value: body, rawBody } = decodeBody(content, bodyLimit);
    trace.rawBody = rawBody;
    if (body === undefined) return respondToUrlCheck();
    trace.body = body;
    const { command, issues } = validateBody(envelope, body, acceptInvalid);
    const enqueue = background === false && this.#background.isVolatile ? this.#runner.runNow : this.#enqueue;
    return whenThere(this.#schemas?.issues(command, body), (own) => {
      const event = eventFrom({
        command,
        params: envelope.params,
        body,
        rawBody,
        receivedAt: now(),
        issues: own === undefined ? issues : settleIssues([...issues, ...own], acceptInvalid),
        signal: () => deadline.signal,
      });
      trace.event = event;
      return whenThere(this.#runner.answer(event, deadline, enqueue), respond);
    });
  }

  /** Stops taking callbacks, waits for those that are being answered, then drains and closes the queue. */
  close({ timeoutMs }: CloseOptions = {}): Promise<CloseResult> {
    this.#closing ??= this.#close(performance.now() + timerMs(timeoutMs, CLOSE_TIMEOUT_MS));
    return this.#closing;
  }

  async #close(until: number): Promise<CloseResult> {
    const left = (): number => Math.max(0, until - performance.now());
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left());
        this.#idle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#background.close({ timeoutMs: left() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A new deadline; what comes too late is reported with what is known of the request. */
  #deadline(trace: Trace): Deadline {
    return new Deadline(this.#options.deadlineMs, ({ error }) =>
      this.#reporter.report({ ...reportOf(trace, lateError(error)), kind: 'late' }, true),
    );
  }

  #build({ params, rawBody, id, receivedAt }: EventParts): AnyCallbackEvent {
    const query = new URLSearchParams(Object.entries(params)).toString();
    const envelope = readEnvelope({ method: 'POST', query });
    const decoded = decodeBody(rawBody, this.#options.bodyLimit);
    const body = decoded.value ?? {};
    const { command, issues } = validateBody(envelope, body, this.#options.acceptInvalid);
    return eventFrom({
      command,
      params: envelope.params,
      body,
      rawBody: decoded.rawBody,
      issues,
      id,
      receivedAt: receivedAt ?? this.#options.now(),
    });
  }
}
