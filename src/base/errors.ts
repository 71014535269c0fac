/**
 * Every way in which a callback can be refused or fail: its stable code, HTTP status and ErrorCode.
 * No other file names a status.
 */

const BRAND = Symbol.for('qcloud-im-callback.error');

/**
 * What the table below holds for a code: the HTTP status, the number that is added to status × 100 to make
 * `ErrorCode`, and what whoever runs the receiver should do.
 */
interface Failure {
  readonly status: number;
  readonly number: number;
  readonly hint: string;
}

const failures = {
  method_not_allowed: { status: 405, number: 1, hint: 'callbacks are POST requests' },
  query_invalid: {
    status: 400,
    number: 2,
    hint: 'the query must name SdkAppid and CallbackCommand, each once',
  },
  address_refused: { status: 403, number: 3, hint: 'the sender is not in allowFrom' },
  app_unknown: { status: 403, number: 4, hint: 'SdkAppid is not one of sdkAppId' },
  signature_missing: { status: 401, number: 5, hint: 'switch callback authentication on in the console' },
  signature_invalid: { status: 401, number: 6, hint: 'compare the token here with the one in the console' },
  request_expired: {
    status: 401,
    number: 7,
    hint: 'RequestTime is too far from now; check the clock of this server',
  },
  token_unavailable: { status: 503, number: 8, hint: 'the token look-up failed or was late' },
  body_too_large: { status: 413, number: 9, hint: 'the body is over bodyLimit' },
  body_unreadable: {
    status: 400,
    number: 10,
    hint: 'the body was cut short, is not UTF-8, or was consumed by another parser',
  },
  body_not_json: { status: 400, number: 11, hint: 'the body is not a JSON object' },
  command_mismatch: { status: 400, number: 12, hint: 'the query and the body name different commands' },
  body_invalid: { status: 400, number: 13, hint: "the body does not fit the command's schema" },
  handler_failed: { status: 500, number: 14, hint: 'a hook or handler threw or returned no answer' },
  handler_timeout: { status: 503, number: 15, hint: 'no answer within deadlineMs' },
  queue_full: { status: 503, number: 16, hint: 'the queue cannot take another event' },
  queue_failed: { status: 503, number: 17, hint: 'the queue could not store the event' },
  closing: { status: 503, number: 18, hint: 'the receiver is shutting down' },
  internal: { status: 500, number: 19, hint: 'a bug of qcloud-im-callback' },
  queue_damaged: {
    status: 503,
    number: 20,
    hint: 'what the queue has stored is damaged; the cause says where',
  },
} as const satisfies Record<string, Failure>;

/** Stable name of a failure that is answered; README section "Errors" has a paragraph for each. */
export type CallbackErrorCode = keyof typeof failures;

/** The codes in the order of the table. */
export const CALLBACK_ERROR_CODES = Object.keys(failures) as readonly CallbackErrorCode[];

/** Statuses of `body_unreadable` beside 400. */
export const STATUS_TOO_SLOW = 408;
export const STATUS_ENCODING_UNKNOWN = 415;

/** Status of every answer that is none of these failures. */
export const STATUS_OK = 200;

/** Status of a path that is not ours, where nobody else is there to answer. */
export const STATUS_NOT_FOUND = 404;

/** What can be said about an error beyond its code. */
export interface CallbackErrorOptions {
  /** Said after the code; never holds a token, an expected signature or the sender's text. */
  readonly message?: string;
  /** What went wrong underneath; logged, never sent. */
  readonly cause?: unknown;
  /** Replaces the code's status, where a code has several. */
  readonly status?: number;
}

/**
 * A callback that was refused or failed. `message` starts with `code` and is what the answer's `ErrorInfo`
 * says; `cause` is for logs only.
 */
export class CallbackError extends Error {
  override readonly name = 'CallbackError';
  /** Stable code. */
  readonly code: CallbackErrorCode;
  /** HTTP status of the answer. */
  readonly status: number;
  /** `ErrorCode` of the answer: status × 100 plus the code's number. */
  readonly errorCode: number;

  constructor(code: CallbackErrorCode, options: CallbackErrorOptions = {}) {
    const failure = failures[code];
    super(
      `${code}: ${options.message ?? failure.hint}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.status = options.status ?? failure.status;
    this.errorCode = this.status * 100 + failure.number;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Takes a coded error as it is and wraps anything else as `code`, with the thrown value as its cause. */
  static from(thrown: unknown, code: CallbackErrorCode): CallbackError {
    return isCallbackError(thrown) ? thrown : new CallbackError(code, { cause: thrown });
  }
}

/** Whether a value is a `CallbackError`, also one made by another copy of this package. */
export function isCallbackError(value: unknown): value is CallbackError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** Stable name of a mistake in the options or in a call; thrown where it is made, never sent. */
export type ConfigurationErrorCode =
  | 'token_missing'
  | 'app_id_missing'
  | 'option_invalid'
  | 'command_misspelt'
  | 'command_unknown'
  | 'handler_invalid'
  | 'answer_required'
  | 'schema_invalid';

/** A receiver that is built or changed in a way that cannot work. The message says what to write instead. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** Stable code. */
  readonly code: ConfigurationErrorCode;

  constructor(code: ConfigurationErrorCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Whether a failure lies with the request and not with the receiver. */
export function isClientError(error: CallbackError): boolean {
  return error.status < 500;
}
