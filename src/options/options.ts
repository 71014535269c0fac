/** What users may set, checked once: bad options throw where the receiver is built. */

import { type CallbackError, ConfigurationError } from '../base/errors.js';
import type { DedupeStore } from '../dedupe/memory-store.js';
import type { BodyIssue } from '../protocol/commands.js';
import { findCommand } from '../protocol/commands.js';
import type { AnyCallbackEvent, URLParams } from '../protocol/event.js';
import type { UserSchemas } from '../protocol/user-schemas.js';
import type { EventQueue } from '../queue/queue.js';
import { toResolvedAddresses } from './allow-from.js';
import type { Logger } from './logger.js';
import { consoleLogger, silentLogger } from './logger.js';
import type { BeforeHook, DefaultHandler, Handlers, OtherHandlers } from './routes.js';

/** Finds the token of an app. `undefined`: not our app. Several tokens: any of them passes, for rotation. */
export type TokenLookup = (
  sdkAppId: string,
) => string | readonly string[] | undefined | Promise<string | readonly string[] | undefined>;

/** Whether a sender's address is let in. */
export type AddressCheck = (address: string | undefined) => boolean;

/**
 * What a failed before-callback is answered with. `status`: the failure's HTTP status, so that the policy set
 * in the vendor's console decides. `allow`: 200 with ErrorCode 0. `refuse`: 200 with ErrorCode 1.
 */
export type FailurePolicy = 'status' | 'allow' | 'refuse';

/** A request that was refused or failed, for `onInvalid` and `onError`. */
export interface FailureReport {
  readonly error: CallbackError;
  /** The query, as far as it was read. */
  readonly params?: URLParams;
  /** The command, with aliases resolved. */
  readonly command?: string;
  /** The bytes, as far as they were read. */
  readonly rawBody?: Uint8Array;
  /** The event, where it came to one. */
  readonly event?: AnyCallbackEvent;
  readonly issues?: readonly BodyIssue[];
  /** Which run of a queued handler failed. */
  readonly attempt?: number;
  /** `late`: the result of a handler came when the request had been answered. */
  readonly kind: 'request' | 'late' | 'retry' | 'dead' | 'invalid' | 'store';
}

/** De-duplication, by `event.dedupeKey`. */
export interface DedupeOptions {
  /** Where first answers are kept, such as `memoryDedupeStore()`. */
  readonly store: DedupeStore;
  /** How long they are kept. Defaults to 600,000 (ten minutes). */
  readonly ttlMs?: number | undefined;
}

/** Options of a receiver. Durations are milliseconds. */
export interface QcloudImOptions {
  /** Ids of the apps whose callbacks are taken; `false` takes any. Required. */
  readonly sdkAppId: number | string | readonly (number | string)[] | false;
  /**
   * The token of the console's callback authentication; a list while tokens are rotated; a look-up when
   * there are several apps; `false` takes unsigned requests. Required.
   */
  readonly token: string | readonly string[] | TokenLookup | false | undefined;
  /** Handlers by command. Defaults to none. */
  readonly handlers?: Handlers | undefined;
  /** Handlers of commands that are not documented, by name. Defaults to none. */
  readonly otherHandlers?: OtherHandlers | undefined;
  /** Runs before every handler; an answer ends the request. Defaults to none. */
  readonly beforeHook?: BeforeHook | undefined;
  /** Answers commands without a handler. Defaults to `ok()`. */
  readonly defaultHandler?: DefaultHandler | undefined;
  /** Keeps the events of queued handlers. Defaults to `memoryQueue()`. */
  readonly queue?: EventQueue | undefined;
  /**
   * Takes the events that `queue` does not accept, such as `diskQueue({ dir })`, and hands them to it as soon as it
   * accepts them; where `queue` lives in memory, to the handlers. Defaults to none: such events are refused with 503.
   */
  readonly fallback?: EventQueue | undefined;
  /** The path that is answered; others go on. Defaults to the mount path in Express, to every path elsewhere. */
  readonly path?: string | undefined;
  /** Most bytes of a body, compressed or not. Defaults to 1,048,576 (1 MiB). */
  readonly bodyLimit?: number | undefined;
  /** How far RequestTime may be from now, either way. Defaults to 60,000, which the vendor recommends. */
  readonly maxSkewMs?: number | undefined;
  /** Time from the arrival of the headers to the answer. Defaults to 1,800; the vendor waits for 2,000. */
  readonly deadlineMs?: number | undefined;
  /** What happens to a body that its schema refuses: `refuse`, or `accept` with `event.issues`. Defaults to `refuse`. */
  readonly invalidBody?: 'refuse' | 'accept' | undefined;
  /**
   * JSON Schemas (2020-12) of your own, by command: for commands that are not documented, or to ask more of a
   * documented one. Defaults to none; ajv is loaded only for these.
   */
  readonly schemas?: UserSchemas | undefined;
  /** What a failed before-callback is answered with, for all or by command. Defaults to `status`. */
  readonly onFailure?: FailurePolicy | Readonly<Record<string, FailurePolicy>> | undefined;
  /**
   * Answers a repetition of an event with the first one's answer. Defaults to none: every request is handled.
   * Repetitions come where "retry on time-out" is switched on in the console.
   */
  readonly dedupe?: DedupeOptions | undefined;
  /** Addresses and CIDR ranges that may send, or a check. Defaults to everybody. */
  readonly allowFrom?: readonly string[] | AddressCheck | undefined;
  /** Where warnings and errors go; `false` drops them. Defaults to the console. */
  readonly logger?: Logger | false | undefined;
  /** Told of every request that was refused (status 4xx), with its bytes. Defaults to none. */
  readonly onInvalid?: ((report: FailureReport) => void) | undefined;
  /** Told of every failure (status 5xx), of late results and of queued handlers that failed. Defaults to none. */
  readonly onError?: ((report: FailureReport) => void) | undefined;
  /** The clock, milliseconds since the Unix epoch. Defaults to `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Options after checks, with defaults. */
export interface ResolvedOptions {
  /** `undefined`: any app. */
  readonly apps: ReadonlySet<string> | undefined;
  readonly token: readonly string[] | TokenLookup | false;
  readonly path: string | undefined;
  readonly bodyLimit: number;
  readonly maxSkewMs: number;
  readonly deadlineMs: number;
  readonly acceptInvalid: boolean;
  readonly onFailure: (command: string) => FailurePolicy;
  readonly allowFrom: AddressCheck | undefined;
  readonly dedupe: { readonly store: DedupeStore; readonly ttlMs: number } | undefined;
  readonly logger: Logger;
  readonly onInvalid: ((report: FailureReport) => void) | undefined;
  readonly onError: ((report: FailureReport) => void) | undefined;
  readonly now: () => number;
}

const BODY_LIMIT = 1024 * 1024;
const MAX_SKEW_MS = 60_000;
// 200 ms of the vendor's two seconds are left for the way there and back.
const DEADLINE_MS = 1_800;
// A timer that is longer fires at once.
const LONGEST_DEADLINE_MS = 2 ** 31 - 1;
const DEDUPE_TTL_MS = 600_000;

function invalid(name: string, wanted: string): ConfigurationError {
  return new ConfigurationError('option_invalid', `${name} must be ${wanted}`);
}

function positiveInteger(
  name: string,
  value: number | undefined,
  fallback: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (value === undefined) return fallback;
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    throw invalid(name, `a whole number from 1 to ${max}`);
  }
  return value;
}

function optionalFunction<F>(name: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== 'function') throw invalid(name, 'a function');
  return value;
}

function resolveApps(sdkAppId: QcloudImOptions['sdkAppId']): ReadonlySet<string> | undefined {
  if (sdkAppId === false) return undefined;
  const list = (Array.isArray(sdkAppId) ? sdkAppId : [sdkAppId]).map(String);
  // Number(undefined) from a missing environment variable would be NaN.
  if (list.length === 0 || !list.every((id) => /^[0-9]+$/.test(id))) {
    throw new ConfigurationError(
      'app_id_missing',
      'sdkAppId must be the id of your app, a list of ids, or false to take callbacks of any app',
    );
  }
  return new Set(list);
}

function resolveToken(token: QcloudImOptions['token']): ResolvedOptions['token'] {
  if (token === false || typeof token === 'function') return token;
  const list: readonly unknown[] = Array.isArray(token) ? token : [token];
  if (list.length === 0 || !list.every((one): one is string => typeof one === 'string' && one !== '')) {
    throw new ConfigurationError(
      'token_missing',
      'token must be the token of the console\'s callback authentication; "token: false" takes unsigned requests',
    );
  }
  return Object.freeze([...list]) as readonly string[];
}

const levels = ['debug', 'warn', 'error'] as const;

const policies: readonly unknown[] = ['status', 'allow', 'refuse'] satisfies FailurePolicy[];

function resolvePolicy(policy: QcloudImOptions['onFailure']): (command: string) => FailurePolicy {
  if (policy === undefined) return () => 'status';
  if (typeof policy === 'string') {
    if (!policies.includes(policy)) throw invalid('onFailure', '"status", "allow" or "refuse"');
    return () => policy;
  }
  const byCommand = new Map<string, FailurePolicy>();
  for (const [command, value] of Object.entries(policy)) {
    const entry = findCommand(command);
    if (entry?.info.phase !== 'before')
      throw invalid(`onFailure[${JSON.stringify(command)}]`, 'a before-callback');
    if (!policies.includes(value))
      throw invalid(`onFailure[${JSON.stringify(command)}]`, '"status", "allow" or "refuse"');
    byCommand.set(entry.info.name, value);
  }
  return (command) => byCommand.get(command) ?? 'status';
}

function resolveDedupe(dedupe: DedupeOptions | undefined): ResolvedOptions['dedupe'] {
  if (dedupe === undefined) return undefined;
  const { store, ttlMs } = dedupe;
  if (typeof store?.get !== 'function' || typeof store.set !== 'function') {
    throw invalid('dedupe.store', 'a store with get and set, such as memoryDedupeStore()');
  }
  return { store, ttlMs: positiveInteger('dedupe.ttlMs', ttlMs, DEDUPE_TTL_MS) };
}

const verbs = ['open', 'start', 'enqueue', 'stats', 'close'] as const;

function checkQueues({ queue, fallback }: QcloudImOptions): void {
  for (const [name, value] of Object.entries({ queue, fallback })) {
    if (value !== undefined && !verbs.every((verb) => typeof value?.[verb] === 'function')) {
      throw invalid(name, 'a queue, such as memoryQueue() or diskQueue({ dir })');
    }
  }
  if (fallback !== undefined && fallback === queue) throw invalid('fallback', 'another queue than queue');
}

function resolvePath(path: string | undefined): string | undefined {
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw invalid('path', 'a path that begins with a slash');
  }
  return path;
}

/**
 * Checks options and fills in defaults.
 * @throws ConfigurationError `token_missing`, `app_id_missing` or `option_invalid`.
 */
export function resolveOptions(options: QcloudImOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object');
  const { invalidBody = 'refuse', logger = consoleLogger } = options;
  if (invalidBody !== 'refuse' && invalidBody !== 'accept')
    throw invalid('invalidBody', '"refuse" or "accept"');
  if (logger !== false && !levels.every((level) => typeof logger?.[level] === 'function')) {
    throw invalid('logger', 'a logger with debug, warn and error, or false');
  }
  checkQueues(options);
  return Object.freeze({
    apps: resolveApps(options.sdkAppId),
    token: resolveToken(options.token),
    path: resolvePath(options.path),
    bodyLimit: positiveInteger('bodyLimit', options.bodyLimit, BODY_LIMIT),
    maxSkewMs: positiveInteger('maxSkewMs', options.maxSkewMs, MAX_SKEW_MS),
    deadlineMs: positiveInteger('deadlineMs', options.deadlineMs, DEADLINE_MS, LONGEST_DEADLINE_MS),
    acceptInvalid: invalidBody === 'accept',
    onFailure: resolvePolicy(options.onFailure),
    dedupe: resolveDedupe(options.dedupe),
    allowFrom: toResolvedAddresses(options.allowFrom),
    logger: logger === false ? silentLogger : logger,
    onInvalid: optionalFunction('onInvalid', options.onInvalid),
    onError: optionalFunction('onError', options.onError),
    now: optionalFunction('now', options.now) ?? Date.now,
  });
}
