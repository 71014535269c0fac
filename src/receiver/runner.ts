/** Runs one event: what is registered for it, before the answer or behind it. */

import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { type AnswerBody, answerFrom, isDocumentedCode } from '../pipeline/answer.js';
import { Deduper } from '../pipeline/dedupe.js';
import { dispatch, type Enqueue } from '../pipeline/dispatch.js';
import type { Notes } from '../pipeline/failure.js';
import { callUser, runHook } from '../pipeline/hook.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { EventKeeper } from '../queue/keeper.js';
import { tooLate } from '../queue/lazy.js';
import type { Observer } from './observer.js';
import type { Registration } from './registration.js';
import type { Reporter } from './reporter.js';

/** What a runner works with. */
export interface RunnerParts {
  readonly registration: Registration;
  readonly keeper: EventKeeper;
  readonly reporter: Reporter;
  readonly observer: Observer;
  readonly dedupe: ResolvedOptions['dedupe'];
}

/**
 * Runs the handler of an event that was answered before. Routes may have changed since then; an event that
 * nobody is registered for any more goes to the default handler.
 * @throws CallbackError `handler_failed`.
 */
export async function consume(event: AnyCallbackEvent, registration: Registration): Promise<void> {
  const route = registration.routes.get(event.command);
  try {
    await (route === undefined ? registration.defaultHandler(event) : route.handle(event));
  } catch (cause) {
    throw new CallbackError('handler_failed', { cause });
  }
}

/**
 * Answers events. Where nothing has to be waited for the answer comes at once, because every promise costs time.
 */
export class Runner {
  readonly #registration: Registration;
  readonly #keeper: EventKeeper;
  readonly #reporter: Reporter;
  readonly #observer: Observer;
  readonly #deduper: Deduper | undefined;

  constructor({ registration, keeper, reporter, observer, dedupe }: RunnerParts) {
    this.#registration = registration;
    this.#keeper = keeper;
    this.#reporter = reporter;
    this.#observer = observer;
    if (dedupe === undefined) return;
    this.#deduper = new Deduper({
      ...dedupe,
      onStoreError: (error, event) =>
        reporter.report({ error, event, command: event.command, kind: 'store' }, true),
    });
  }

  /**
   * Gives the first of: the answer to the same event before, the hook's, its handler's, the default handler's.
   * @param notes Gets what a message says of the way to the answer.
   * @param background `false`: the process may end after the answer, so that what would lie in its memory is
   * handled before it. Defaults to `true`.
   * @throws CallbackError `handler_failed`, `handler_timeout`, `queue_full`, `queue_failed` or `closing`.
   */
  answer(
    event: AnyCallbackEvent,
    deadline: Deadline,
    notes: Notes,
    background = true,
  ): AnswerBody | PromiseLike<AnswerBody> {
    const enqueue = background || !this.#keeper.isVolatile ? this.#enqueue : this.#runNow;
    if (this.#deduper === undefined) return this.#run(event, deadline, notes, enqueue);
    notes.duplicate = true;
    return this.#deduper.run(event, deadline, async () => {
      notes.duplicate = false;
      return this.#run(event, deadline, notes, enqueue);
    });
  }

  #run(
    event: AnyCallbackEvent,
    deadline: Deadline,
    notes: Notes,
    enqueue: Enqueue,
  ): AnswerBody | PromiseLike<AnswerBody> {
    const { hook } = this.#registration;
    const hooked = hook === undefined ? undefined : runHook(hook, event, deadline);
    if (!isThenable(hooked)) return this.#goOn(hooked, event, deadline, notes, enqueue);
    return hooked.then((result) => this.#goOn(result, event, deadline, notes, enqueue));
  }

  /** What stands behind the hook, which may have answered. */
  #goOn(
    hooked: unknown,
    event: AnyCallbackEvent,
    deadline: Deadline,
    notes: Notes,
    enqueue: Enqueue,
  ): AnswerBody | PromiseLike<AnswerBody> {
    if (hooked !== undefined) return this.#answerFrom(hooked, event, notes);
    const { routes, defaultHandler } = this.#registration;
    const route = routes.get(event.command);
    notes.queued = route?.async === true && enqueue === this.#enqueue;
    const returned = this.#observer.wants('handle')
      ? this.#dispatchWatched(event, route, defaultHandler, enqueue, deadline)
      : dispatch(event, route, defaultHandler, enqueue, deadline);
    if (!isThenable(returned)) return this.#answerFrom(returned, event, notes);
    return returned.then((result) => this.#answerFrom(result, event, notes));
  }

  readonly #dispatchWatched: typeof dispatch = (event, route, defaultHandler, enqueue, deadline) =>
    route === undefined
      ? dispatch(event, route, this.#observer.watchedHandler(defaultHandler, deadline), enqueue, deadline)
      : dispatch(event, this.#observer.watched(route, deadline), defaultHandler, enqueue, deadline);

  #answerFrom(returned: unknown, event: AnyCallbackEvent, notes: Notes): AnswerBody {
    notes.returned = returned;
    const answer = answerFrom(returned, event);
    if (!isDocumentedCode(answer.ErrorCode, event.command)) {
      this.#reporter.undocumentedCode(event.command, answer.ErrorCode);
    }
    return answer;
  }

  /** Hands a queued event to what keeps it, within the time of its request. */
  readonly #enqueue: Enqueue = async (event, deadline) => {
    const put = (given: AnyCallbackEvent): void | Promise<void> => {
      const accepted = this.#keeper.enqueue(given, { leftMs: () => deadline.remainingMs });
      return isThenable(accepted) ? deadline.wait(accepted, tooLate) : undefined;
    };
    try {
      const accepted = this.#observer.wants('enqueue') ? this.#observer.enqueue(event, put) : put(event);
      if (isThenable(accepted)) await accepted;
    } catch (thrown) {
      throw CallbackError.from(thrown, 'queue_failed');
    }
  };

  /** Runs a queued handler before the answer, where nothing goes on after it. */
  readonly #runNow: Enqueue = (event, deadline) =>
    callUser(() => consume(event, this.#registration), deadline);
}
