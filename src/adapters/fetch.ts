/** The adapter of the Fetch API: Hono, Next.js, Bun, Deno, Workers. */

import { checkNames } from '../base/checks.js';
import { STATUS_NOT_FOUND } from '../base/errors.js';
import type { QcloudImOptions } from '../options/options.js';
import { type CallbackResponse, LINGER_MS } from '../protocol/http.js';
import { CallbackHandler } from '../receiver/handler.js';
import { readFetchBody } from './fetch-body.js';
import { type Mounted, mounted } from './mounted.js';
import { isPath } from './path.js';
import { isMisplaced } from './wrong-framework.js';

/** What the platform gives beside the request. */
export interface FetchContext {
  /** Keeps the runtime alive until a promise has settled. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Address of the client, where the platform knows it; needed for `allowFrom`. */
  readonly clientAddress?: string | undefined;
  /** What Next.js gives a route handler. Not used. */
  readonly params?: unknown;
}

/** Answers a request; a path that is not ours gets 404. */
export type FetchHandler = (request: Request, context?: FetchContext) => Promise<Response>;

/** Options of this entry beside those of every receiver. */
export interface FetchOptions {
  /**
   * Whether the process lives on after the answer, as a server does. Where it does not and the platform gives
   * no `waitUntil`, events that would lie in memory are handled before the answer. Defaults to `false`.
   */
  readonly background?: boolean;
}

/** A body that is there at once and ends a moment later: a server ends the connection with it. */
function lingering(body: string): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setTimeout>;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body));
      timer = setTimeout(() => controller.close(), LINGER_MS);
    },
    cancel() {
      clearTimeout(timer);
    },
  });
}

function responseFrom(
  request: Request,
  { status, headers, body, closeConnection }: CallbackResponse,
): Response {
  if (!closeConnection) return new Response(body, { status, headers });
  const isStillSending = request.body !== null && !request.bodyUsed;
  return new Response(isStillSending ? lingering(body) : body, {
    status,
    headers: { ...headers, connection: 'close' },
  });
}

/**
 * Makes the handler: `export const POST = qcloudIm({ sdkAppId, token, handlers })`.
 * @param options Options of a new receiver, or a receiver to mount once more. Without `path` every path is ours.
 * @throws ConfigurationError when an option cannot work.
 */
export function qcloudIm(
  options: QcloudImOptions | CallbackHandler,
  fetchOptions: FetchOptions = {},
): FetchHandler & Mounted {
  checkNames('the second argument of qcloudIm', fetchOptions, { background: true });
  const { background = false } = fetchOptions;
  const handler = CallbackHandler.from(options);
  const fetchHandler: FetchHandler = async (request, context = {}) => {
    // What calls a fetch handler by mistake waits for no promise: the error is its rejection.
    isMisplaced('fetch', [request, context]);
    const { pathname, search } = new URL(request.url);
    if (handler.path !== undefined && !isPath(pathname, handler.path))
      return new Response(null, { status: STATUS_NOT_FOUND });
    const response = await handler.receive({
      method: request.method,
      query: search.slice(1),
      remoteAddress: context.clientAddress,
      traceparent: request.headers.get('traceparent') ?? undefined,
      background: background || context.waitUntil !== undefined,
      body: { received: request.body === null, read: (read) => readFetchBody(request, read) },
    });
    context.waitUntil?.(handler.idle());
    return responseFrom(request, response);
  };
  return mounted(fetchHandler, handler);
}
