/** Checks options once and fills in defaults: bad ones throw where the receiver is built. */

import { isColourful } from '#platform';
import { checkNames, type OptionNames, type Range, wholeNumber } from '../base/checks.js';
import { ConfigurationError } from '../base/errors.js';
import type { DedupeStore } from '../dedupe/memory-store.js';
import type { CallbackMessage } from '../observe/message.js';
import { findCommand } from '../protocol/commands.js';
import { addressCheckFrom } from './allow-from.js';
import { consoleLogger, type Logger, prettyLogger, silentLogger } from './logger.js';
import type {
  AddressCheck,
  DedupeOptions,
  FailurePolicy,
  FailureReport,
  QcloudImOptions,
  TokenLookup,
} from './options.js';

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
  /** Where a line for each callback goes, if anywhere. */
  readonly lines: Logger | undefined;
  readonly observe: ((message: CallbackMessage) => void) | undefined;
  /** `undefined`: nothing is compared. */
  readonly drift: number | undefined;
  readonly onInvalid: ((report: FailureReport) => void) | undefined;
  readonly onError: ((report: FailureReport) => void) | undefined;
  readonly now: () => number;
}

const BODY_LIMIT: Range = { fallback: 1024 * 1024, min: 1 };
const MAX_SKEW_MS: Range = { fallback: 60_000, min: 1 };
// 200 ms of the vendor's two seconds are left for the way there and back.
const DEADLINE_MS: Range = { fallback: 1_800, min: 1 };
const VENDOR_WAITS_MS = 2_000;
const DRIFT: Range = { fallback: 100, min: 1 };
const DEDUPE_TTL_MS: Range = { fallback: 600_000, min: 1 };

function invalid(name: string, wanted: string): ConfigurationError {
  return new ConfigurationError('option_invalid', `${name} must be ${wanted}`);
}

function optionalFunction<F>(name: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== 'function') throw invalid(name, 'a function');
  return value;
}

function resolveApps(sdkAppId: QcloudImOptions['sdkAppId']): ReadonlySet<string> | undefined {
  if (sdkAppId === false) return undefined;
  const list = (Array.isArray(sdkAppId) ? sdkAppId : [sdkAppId]).map(String);
  if (list.length === 0 || !list.every((id) => /^[0-9]+$/.test(id))) {
    throw new ConfigurationError(
      'app_id_missing',
      `sdkAppId must be the id of your app, a list of ids, or false to take callbacks of any app (${got(list)})`,
    );
  }
  return new Set(list);
}

/** The end of a message about what is missing: most often an environment variable that nobody set. */
function got(values: readonly unknown[]): string {
  if (values.length === 0) return 'got an empty list';
  // Number(process.env.X) of a variable that nobody set is NaN.
  const unset = values.find((value) => [undefined, 'undefined', 'NaN', ''].includes(value as string));
  if (values.includes(unset)) return `got ${unset === '' ? 'an empty text' : unset}: is the variable set?`;
  return 'got something else';
}

function resolveToken(token: QcloudImOptions['token']): ResolvedOptions['token'] {
  if (token === false || typeof token === 'function') return token;
  const list: readonly unknown[] = Array.isArray(token) ? token : [token];
  if (list.length === 0 || !list.every((one): one is string => typeof one === 'string' && one !== '')) {
    throw new ConfigurationError(
      'token_missing',
      `token must be the token of the console's callback authentication (${got(list)}); "token: false" takes unsigned requests`,
    );
  }
  if (list.some((one) => one !== one.trim())) {
    throw invalid('token', 'written without blanks at its ends: no signature would ever fit');
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
  checkNames('dedupe', dedupe, { store: true, ttlMs: true } satisfies OptionNames<DedupeOptions>);
  const { store, ttlMs } = dedupe;
  if (typeof store?.get !== 'function' || typeof store.set !== 'function') {
    throw invalid('dedupe.store', 'a store with get and set, such as memoryDedupeStore()');
  }
  return { store, ttlMs: wholeNumber('dedupe.ttlMs', ttlMs, DEDUPE_TTL_MS) };
}

function resolveLogger(given: QcloudImOptions['logger']): Pick<ResolvedOptions, 'logger' | 'lines'> {
  if (given === undefined) return { logger: consoleLogger, lines: undefined };
  if (given === false) return { logger: silentLogger, lines: undefined };
  const logger = given === 'pretty' ? prettyLogger(isColourful()) : given;
  if (!levels.every((level) => typeof logger?.[level] === 'function')) {
    throw invalid('logger', "a logger with debug, warn and error, 'pretty' or false");
  }
  return { logger, lines: logger };
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

function resolveDeadline(deadlineMs: number | undefined): number {
  const resolved = wholeNumber('deadlineMs', deadlineMs, DEADLINE_MS);
  if (resolved <= VENDOR_WAITS_MS) return resolved;
  throw invalid('deadlineMs', `at most ${VENDOR_WAITS_MS}: the vendor waits no longer for an answer`);
}

const OPTION_NAMES = {
  sdkAppId: true,
  token: true,
  handlers: true,
  otherHandlers: true,
  beforeHook: true,
  defaultHandler: true,
  queue: true,
  fallback: true,
  path: true,
  bodyLimit: true,
  maxSkewMs: true,
  deadlineMs: true,
  invalidBody: true,
  schemas: true,
  onFailure: true,
  dedupe: true,
  allowFrom: true,
  logger: true,
  observe: true,
  drift: true,
  onInvalid: true,
  onError: true,
  now: true,
} as const satisfies OptionNames<QcloudImOptions>;

/**
 * Checks options and fills in defaults.
 * @throws ConfigurationError `token_missing`, `app_id_missing`, `option_unknown` or `option_invalid`.
 */
export function resolveOptions(options: QcloudImOptions): ResolvedOptions {
  checkNames('qcloudIm', options, OPTION_NAMES);
  const { invalidBody = 'refuse' } = options;
  if (invalidBody !== 'refuse' && invalidBody !== 'accept')
    throw invalid('invalidBody', '"refuse" or "accept"');
  checkQueues(options);
  return Object.freeze({
    apps: resolveApps(options.sdkAppId),
    token: resolveToken(options.token),
    path: resolvePath(options.path),
    bodyLimit: wholeNumber('bodyLimit', options.bodyLimit, BODY_LIMIT),
    maxSkewMs: wholeNumber('maxSkewMs', options.maxSkewMs, MAX_SKEW_MS),
    deadlineMs: resolveDeadline(options.deadlineMs),
    acceptInvalid: invalidBody === 'accept',
    onFailure: resolvePolicy(options.onFailure),
    dedupe: resolveDedupe(options.dedupe),
    allowFrom: addressCheckFrom(options.allowFrom),
    ...resolveLogger(options.logger),
    observe: optionalFunction('observe', options.observe),
    drift: options.drift === false ? undefined : wholeNumber('drift', options.drift, DRIFT),
    onInvalid: optionalFunction('onInvalid', options.onInvalid),
    onError: optionalFunction('onError', options.onError),
    now: optionalFunction('now', options.now) ?? Date.now,
  });
}
