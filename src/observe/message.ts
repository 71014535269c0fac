/** What happened to a callback: the facts that the channels and the option `observe` tell. */

import type { CallbackError, CallbackErrorCode } from '../base/errors.js';
import type { AnswerKind } from '../protocol/command-info.js';
import type { Phase } from '../protocol/values.js';
import type { DriftEntry } from './drift.js';

/** Most tokens whose use is counted, by their position: a look-up may give any number of them. */
export const MAX_POSITIONS = 16;

/**
 * One thing that was done for a callback. A subscriber of a channel gets the same object at the start and at the end;
 * what is optional is there when it is known, and everything at `asyncEnd`. Times are milliseconds.
 */
export interface CallbackMessage {
  /** The channel: `receive` a request, `handle` an event before the answer, `enqueue` it, `run` it behind the answer. */
  readonly operation: 'receive' | 'handle' | 'enqueue' | 'run';
  /** The command, with aliases resolved. Text of a stranger unless `known` or `trusted`. */
  command?: string;
  /** When the callback comes; `other` for commands that are not documented. */
  phase?: Phase;
  /** Whether the command is a documented one. */
  known: boolean;
  /** Whether the sender was verified. */
  trusted: boolean;
  /** SdkAppid. Text of a stranger unless `trusted`. */
  app?: string;
  /** Id of the event. */
  eventId?: string;
  /** Bytes of the body. */
  byteLength?: number;
  /**
   * What became of it. `receive`: `answered`, `queued`, `duplicate` (answered as before), `url_check`, `refused` (4xx),
   * `failed` (5xx) or `late` (no answer within `deadlineMs`). `handle`: `answered`, `failed`, or `late` when the handler
   * ended after that. `enqueue`: `queued` or `failed`. `run`: `done` or `failed`.
   */
  outcome?: 'answered' | 'refused' | 'failed' | 'late' | 'queued' | 'duplicate' | 'url_check' | 'done';
  /** Why it was refused or failed. */
  errorCode?: CallbackErrorCode;
  /** The same with its message and its cause. */
  error?: CallbackError;
  /** How it was answered; of an answer that is no helper's, what its code means. */
  answerKind?: AnswerKind;
  /** `ErrorCode` of the answer. */
  answerCode?: number;
  /** HTTP status of the answer; of `receive`. */
  status?: number;
  /** Which token of `token` has signed the request, 0 for the first. Absent where none is wanted. */
  tokenPosition?: number;
  /** When it began, by `performance.now()`. */
  readonly startedAt: number;
  /** How long it took. */
  durationMs?: number;
  /** How long each stage took that the request has passed. */
  stages?: Partial<Record<'verify' | 'read' | 'validate' | 'handle', number>>;
  /** What this release did not know of the body; of the callbacks that were looked at, see the option `drift`. */
  drift?: readonly Readonly<DriftEntry>[];
  /** How long the event had waited since the request when the run began; only at its first run. */
  queueWaitMs?: number;
  /** Which run of the handler it is. */
  attempt?: number;
  /**
   * W3C trace context. `receive`: that of the request. `enqueue`: what a subscriber of `start` leaves here is kept with
   * the event, in every queue. `run`: what was kept.
   */
  traceparent?: string;
  /** A subscriber of `start` may leave a function that calls the work, such as one that sets a context for it. */
  runIn?: <T>(work: () => T) => T;
}
