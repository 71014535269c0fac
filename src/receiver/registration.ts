/** What is registered with a receiver: a route per command, the hook and the default handler. */

import type { QcloudImOptions } from '../options/options.js';
import {
  type BeforeHook,
  type DefaultHandler,
  defaultHandlerFrom,
  hookFrom,
  Routes,
} from '../options/routes.js';

/** The options that register something. */
export type RegistrationOptions = Pick<
  QcloudImOptions,
  'handlers' | 'otherHandlers' | 'beforeHook' | 'defaultHandler'
>;

/** Everything in it may change while requests come in; each event meets what is registered at its moment. */
export class Registration {
  readonly routes = new Routes();
  #hook: BeforeHook | undefined;
  #defaultHandler: DefaultHandler = () => undefined;

  /** @throws ConfigurationError when something cannot be registered, as the setters below and `Routes` say. */
  constructor({ handlers, otherHandlers, beforeHook, defaultHandler }: RegistrationOptions = {}) {
    for (const [command, route] of Object.entries(handlers ?? {})) this.routes.set(command, route);
    for (const [command, route] of Object.entries(otherHandlers ?? {})) this.routes.setOther(command, route);
    this.hook = beforeHook;
    if (defaultHandler !== undefined) this.defaultHandler = defaultHandler;
  }

  get hook(): BeforeHook | undefined {
    return this.#hook;
  }

  /** @throws ConfigurationError `handler_invalid`. */
  set hook(hook: BeforeHook | undefined) {
    this.#hook = hookFrom(hook);
  }

  get defaultHandler(): DefaultHandler {
    return this.#defaultHandler;
  }

  /** @throws ConfigurationError `handler_invalid`. */
  set defaultHandler(handler: DefaultHandler) {
    this.#defaultHandler = defaultHandlerFrom(handler);
  }
}
