/** Runs one event: what is registered for it, before the answer or behind it. */

import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { whenThere } from '../base/thenable.js';
import type { ResolvedOptions } from '../options/options.js';
import {
  type BeforeHook,
  type DefaultHandler,
  defaultHandlerFrom,
  hookFrom,
  Routes,
} from '../options/routes.js';
import { type AnswerBody, answerFrom, isDocumentedCode } from '../pipeline/answer.js';
import { Deduper } from '../pipeline/dedupe.js';
import { dispatch, type Enqueue } from '../pipeline/dispatch.js';
import { callUser, runHook } from '../pipeline/hook.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { Reporter } from './reporter.js';

/** Owns routes, hook and default handler. */
export class Runner {
  readonly routes = new Routes();
  readonly #reporter: Reporter;
  readonly #deduper: Deduper | undefined;
  #hook: BeforeHook | undefined;
  #defaultHandler: DefaultHandler = () => undefined;

  constructor(reporter: Reporter, dedupe: ResolvedOptions['dedupe']) {
    this.#reporter = reporter;
    if (dedupe === undefined) return;
    this.#deduper = new Deduper({
      ...dedupe,
      onStoreError: (error, event) =>
        reporter.report({ error, event, command: event.command, kind: 'store' }, true),
    });
  }

  /** @throws ConfigurationError `handler_invalid`. */
  setHook(hook: BeforeHook | undefined): void {
    this.#hook = hookFrom(hook);
  }

  /** @throws ConfigurationError `handler_invalid`. */
  setDefaultHandler(handler: DefaultHandler): void {
    this.#defaultHandler = defaultHandlerFrom(handler);
  }

  /**
   * Answers an event: its repetition's first answer, the hook's, its handler's, or the default handler's.
   * Where nothing has to be waited for the answer comes at once, because every promise costs time.
   */
  answer(event: AnyCallbackEvent, deadline: Deadline, enqueue: Enqueue): AnswerBody | Promise<AnswerBody> {
    if (this.#deduper === undefined) return this.#run(event, deadline, enqueue);
    return this.#deduper.run(event, deadline, async () => this.#run(event, deadline, enqueue));
  }

  #run(event: AnyCallbackEvent, deadline: Deadline, enqueue: Enqueue): AnswerBody | Promise<AnswerBody> {
    const hooked = this.#hook === undefined ? undefined : runHook(this.#hook, event, deadline);
    const goOn = (result: unknown): unknown =>
      result === undefined
        ? dispatch(event, this.routes.get(event.command), this.#defaultHandler, enqueue, deadline)
        : result;
    return whenThere(whenThere(hooked, goOn), (returned) => this.#answerFrom(returned, event));
  }

  #answerFrom(returned: unknown, event: AnyCallbackEvent): AnswerBody {
    const answer = answerFrom(returned, event);
    if (!isDocumentedCode(answer.ErrorCode, event.command)) {
      this.#reporter.undocumentedCode(event.command, answer.ErrorCode);
    }
    return answer;
  }

  /** Runs a queued handler before the answer, where nothing goes on after it. */
  readonly runNow: Enqueue = (event, deadline) => callUser(() => this.consume(event), deadline);

  /**
   * Runs the handler of an event that was answered before. Routes may have changed since then; an event that
   * nobody is registered for any more goes to the default handler.
   * @throws CallbackError `handler_failed`.
   */
  async consume(event: AnyCallbackEvent): Promise<void> {
    const route = this.routes.get(event.command);
    try {
      await (route === undefined ? this.#defaultHandler(event) : route.handle(event));
    } catch (cause) {
      throw new CallbackError('handler_failed', { cause });
    }
  }
}
