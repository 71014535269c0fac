/** The only contract between adapters and the core: what a request is, and what is answered. */

/** One HTTP request, as an adapter hands it over. */
export interface CallbackRequest {
  /** HTTP method, in capitals. */
  readonly method: string;
  /** The raw query string, without the question mark. */
  readonly query: string;
  /** Address of the client, by the framework's own notion of it behind proxies. */
  readonly remoteAddress?: string | undefined;
  readonly body: RequestBody;
  /** The header `traceparent` (W3C trace context), where there is one. */
  readonly traceparent?: string | undefined;
  /**
   * `false`: the process may end after the answer, so that events which would lie in its memory are handled
   * before it. Defaults to `true`.
   */
  readonly background?: boolean;
}

/** The body of a request, which nobody touches before the request is trusted. */
export interface RequestBody {
  /** Whether nothing of the body is left on the wire, because it was read before or there is none. */
  readonly received: boolean;
  /**
   * Gives the body.
   * @throws CallbackError `body_too_large` or `body_unreadable`.
   */
  read(options: ReadOptions): BodyContent | Promise<BodyContent>;
}

/** Bounds of reading a body. */
export interface ReadOptions {
  /** Most bytes, compressed or not. */
  readonly limit: number;
  /**
   * Registers what lets go of the stream when the time of the request is over. At most one per read; it may be
   * called after the read has ended, but not once the request is answered.
   */
  onTimeout(stop: () => void): void;
}

/** A body as bytes, as text, or parsed by somebody else. */
export type BodyContent = Uint8Array | string | ParsedBody;

/** A body that another parser has turned into a value; its bytes are gone. */
export interface ParsedBody {
  readonly parsed: unknown;
}

/**
 * How long a connection that is to be closed stays open behind its answer while its sender still sends, in milliseconds:
 * a socket that is closed with unread bytes is reset, and the sender may then lose the answer. With 50 ms one of 500
 * senders on a busy machine did; nothing is read meanwhile, so that what it costs is a socket.
 */
export const LINGER_MS = 500;

/** What an adapter writes, once. */
export interface CallbackResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /**
   * Whether the body was not read to its end: the connection must then be closed after the answer, or the
   * server would go on to read what a stranger sends.
   */
  readonly closeConnection: boolean;
}
