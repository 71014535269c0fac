/** What users may set. `resolve.ts` checks it. */

import type { CallbackError } from '../base/errors.js';
import type { DedupeStore } from '../dedupe/memory-store.js';
import type { CallbackMessage } from '../observe/message.js';
import type { BodyIssue } from '../protocol/commands.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import type { URLParams } from '../protocol/url-params.js';
import type { UserSchemas } from '../protocol/user-schemas.js';
import type { EventQueue } from '../queue/queue.js';
import type { Logger } from './logger.js';
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
  /** Ids of the apps whose callbacks are taken; `false` takes any. Required: `undefined` throws `app_id_missing`. */
  readonly sdkAppId: number | string | readonly (number | string)[] | false | undefined;
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
  /** Time from the arrival of the headers to the answer. At most 2,000, for which the vendor waits. Defaults to 1,800. */
  readonly deadlineMs?: number | undefined;
  /** What happens to a body that its schema refuses: `refuse`, or `accept` with `event.issues`. Defaults to `refuse`. */
  readonly invalidBody?: 'refuse' | 'accept' | undefined;
  /**
   * JSON Schemas (2020-12) of your own, by command: for commands that are not documented, or to ask more of a
   * documented one. Defaults to none. Only these need ajv, which is to be installed for them.
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
  /**
   * Where warnings and errors go, and a line for each callback at `debug`; `'pretty'` prints short lines for people, as
   * on a terminal; `false` drops all. Defaults to the console, without what is for debugging.
   */
  readonly logger?: Logger | 'pretty' | false | undefined;
  /**
   * Told of everything that was done for a callback, when it is done: the same messages as on the channels, on runtimes
   * that have none as well. Defaults to none.
   */
  readonly observe?: ((message: CallbackMessage) => void) | undefined;
  /**
   * One callback in so many is compared with what this release knows of its command, for `drift()`; bodies that are
   * refused are, too. `false`: none. Defaults to 100.
   */
  readonly drift?: number | false | undefined;
  /** Told of every request that was refused (status 4xx), with its bytes. Defaults to none. */
  readonly onInvalid?: ((report: FailureReport) => void) | undefined;
  /** Told of every failure (status 5xx), of late results and of queued handlers that failed. Defaults to none. */
  readonly onError?: ((report: FailureReport) => void) | undefined;
  /** The clock, milliseconds since the Unix epoch. Defaults to `Date.now`. */
  readonly now?: (() => number) | undefined;
}
