/** What the makers of subjects share. */

import type { EventSource } from './events.js';
import type { Subject } from './load.js';

/** What a subject may need. */
export interface Setting {
  readonly source: EventSource;
  /** A Redis with nothing in it that is of use to anybody. */
  readonly redisUrl: string;
}

/** Makes a subject, ready to take events. */
export type MakeSubject = (setting: Setting) => Promise<Subject>;

/** Handlers that run at the same time: the default of every queue. */
export const WORKERS = 16;

/**
 * The receiver always says how much of its deadline is left, and the bound has its price. Longer than there, so that
 * a busy machine makes the figures worse and does not end the run.
 */
export const WITHIN = { timeoutMs: 20_000 } as const;
