/** Handlers and routes: what is registered for a command, and what the compiler lets through. */

import { hasBrand } from '../base/brand.js';
import { ConfigurationError } from '../base/errors.js';
import type { AnsweredCommand, AnswerHints, BaseResponse, CallbackBodies } from '../generated/types.js';
import { type Answer, type AnswerFor, type GivenAnswer, isAnswer, ok } from '../protocol/answers.js';
import { findCommand, isAnswered } from '../protocol/commands.js';
import type { AnyCallbackEvent, CallbackEvent } from '../protocol/event.js';
import { meantCommand, refuseNearMiss } from './near-miss.js';

/** Handles a callback before it is answered; its result is the answer. */
export type Handler<Name extends string> = (
  event: CallbackEvent<Name>,
) => AnswerFor<Name> | Promise<AnswerFor<Name>>;

/** Handles a callback that was answered before; its result is not used. A rejection is a failed attempt. */
export type QueuedHandler<Name extends string> = (event: CallbackEvent<Name>) => unknown;

/** Answers at once with what the handler returns. */
export interface SyncRoute<Name extends string> {
  readonly async?: false;
  readonly handle: Handler<Name>;
}

/** Answers as soon as the event is in the queue; the handler runs afterwards. */
export interface QueuedRoute<Name extends string> {
  readonly async: true;
  /** The answer. Defaults to what the default handler answers; with `queued`, to `ok()`. */
  readonly asyncResponse?: GivenAnswer<Name> | undefined;
  readonly handle: QueuedHandler<Name>;
}

/** A queued route of a command whose answer the vendor reads: the answer has to be said. */
export type AnsweredQueuedRoute<Name extends string> = QueuedRoute<Name> & {
  readonly asyncResponse: GivenAnswer<Name>;
};

/** What can be registered for a command, beside a bare handler. */
export type Route<Name extends string> =
  | SyncRoute<Name>
  | (Name extends AnsweredCommand ? AnsweredQueuedRoute<Name> : QueuedRoute<Name>);

/**
 * What can be registered for a command. The compiler names this type with its arguments when something else
 * stands there, so that the hint is read in the first line of the error.
 */
export type Registered<_Hint extends string, Name extends string> = Handler<Name> | Route<Name>;

/**
 * Handlers by command; the editor completes the names, the bodies and the answers. Mapped over the interface
 * itself, which is what carries the comments of its keys over.
 */
export type Handlers = {
  readonly [Name in keyof CallbackBodies]?: Registered<AnswerHints[Name], Name>;
};

/** Handlers of commands that are not documented, by name. */
export type OtherHandlers = Readonly<Record<string, Handler<string> | Route<string>>>;

// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement
type AnyResult = Answer | BaseResponse | undefined | void;

/** Runs before every handler. An answer ends the request; `undefined` goes on. */
export type BeforeHook = (event: AnyCallbackEvent) => AnyResult | Promise<AnyResult>;

/** Answers commands that nobody registered, and queued ones without an answer of their own. */
export type DefaultHandler = (event: AnyCallbackEvent) => AnyResult | Promise<AnyResult>;

/** Tells the routes of `queued` from those that are written out. */
const QUEUED = Symbol.for('qcloud-im-callback.queued');

/**
 * A route whose handler runs after the answer, on the queue.
 * @param handle Runs on a worker; a rejection is retried as the queue's options say.
 * @param asyncResponse The answer. Needed for commands whose answer the vendor reads; for the others it defaults to
 * `ok()`. A route that is written out, `{ async: true, handle }`, gets the answer of the default handler, which runs for
 * it as well, as in the Go package.
 */
export function queued<Name extends string>(
  handle: QueuedHandler<Name>,
): QueuedRoute<Name> & {
  readonly asyncResponse?: undefined;
};
export function queued<Name extends string>(
  handle: QueuedHandler<Name>,
  asyncResponse: GivenAnswer<Name>,
): AnsweredQueuedRoute<Name>;
export function queued(
  handle: QueuedHandler<string>,
  asyncResponse?: GivenAnswer<string>,
): QueuedRoute<string> {
  const route: QueuedRoute<string> =
    asyncResponse === undefined ? { async: true, handle } : { async: true, handle, asyncResponse };
  return Object.defineProperty(route, QUEUED, { value: true });
}

/** A route as it is kept, whatever its command. */
export type AnyRoute = SyncRoute<string> | QueuedRoute<string>;

function isRoute(value: unknown): value is AnyRoute {
  return (
    typeof value === 'object' &&
    value !== null &&
    'handle' in value &&
    typeof value.handle === 'function' &&
    (!('async' in value) || value.async === undefined || typeof value.async === 'boolean')
  );
}

/**
 * Checks what somebody wants to register.
 * @throws ConfigurationError `handler_invalid` when it is neither a function nor a route; `answer_required`
 * when it is queued, the vendor reads the command's answer and none is given.
 */
export function routeFrom(command: string, value: unknown): AnyRoute {
  const route = typeof value === 'function' ? { handle: value as Handler<string> } : value;
  if (!isRoute(route)) {
    throw new ConfigurationError(
      'handler_invalid',
      `the handler of ${command} is no function and has no "handle"`,
    );
  }
  const { asyncResponse } = route as { asyncResponse?: unknown };
  if (asyncResponse !== undefined && !isAnswer(asyncResponse) && typeof asyncResponse !== 'object') {
    throw new ConfigurationError('handler_invalid', `the asyncResponse of ${command} is no answer`);
  }
  const entry = findCommand(command);
  if (route.async === true && asyncResponse === undefined && entry !== undefined && isAnswered(entry.info)) {
    throw new ConfigurationError(
      'answer_required',
      `the answer to ${command} is read: give queued(handle, asyncResponse) the answer to send at once`,
    );
  }
  const answersItself = asyncResponse === undefined && hasBrand(route, QUEUED);
  // A method of a class is no field of its object: the copy would be without it.
  const handle = Object.hasOwn(route, 'handle') ? route.handle : route.handle.bind(route);
  return Object.freeze({ ...route, handle, ...(answersItself ? { asyncResponse: ok() } : {}) }) as AnyRoute;
}

function functionFrom<F>(name: string, value: F): F {
  if (typeof value === 'function') return value;
  throw new ConfigurationError('handler_invalid', `${name} must be a function`);
}

/** @throws ConfigurationError `handler_invalid`. */
export function hookFrom(hook: BeforeHook | undefined): BeforeHook | undefined {
  return hook === undefined ? undefined : functionFrom('beforeHook', hook);
}

/** @throws ConfigurationError `handler_invalid`. */
export function defaultHandlerFrom(handler: DefaultHandler): DefaultHandler {
  return functionFrom('defaultHandler', handler);
}

/** The routes by command. Names come from requests, so they are kept in a Map. */
export class Routes {
  readonly #routes = new Map<string, AnyRoute>();

  /**
   * Registers a route for a documented command; a later one replaces an earlier one.
   * @throws ConfigurationError `command_misspelt` or `command_unknown` for any other name.
   */
  set(command: string, value: unknown): void {
    const entry = findCommand(command);
    if (entry === undefined) {
      refuseNearMiss(command);
      throw new ConfigurationError(
        'command_unknown',
        `${command} is no documented command: use otherHandlers${meantCommand(command)}`,
      );
    }
    this.#routes.set(entry.info.name, routeFrom(entry.info.name, value));
  }

  /**
   * Registers a route for a command that is not documented.
   * @throws ConfigurationError `command_misspelt` when the name looks like a documented one.
   */
  setOther(command: string, value: unknown): void {
    const known = findCommand(command);
    if (known !== undefined) {
      throw new ConfigurationError('command_unknown', `${command} is a documented command: use handlers`);
    }
    refuseNearMiss(command);
    this.#routes.set(command, routeFrom(command, value));
  }

  delete(command: string): boolean {
    return this.#routes.delete(findCommand(command)?.info.name ?? command);
  }

  get(command: string): AnyRoute | undefined {
    return this.#routes.get(findCommand(command)?.info.name ?? command);
  }
}
