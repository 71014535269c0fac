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

/** What is left of the receiver's deadline when it enqueues: it always says so, and the bound has its price. */
export const WITHIN = { timeoutMs: 1_800 } as const;
