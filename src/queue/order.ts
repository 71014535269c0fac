/** Keeps events of one key in order while other keys go on. */

import { LinkedList } from '../base/linked-list.js';
import type { AnyCallbackEvent } from '../protocol/event.js';

/**
 * Who may run, by key.
 *
 * Invariant: a key is in the map exactly while one of its jobs may run; that job holds the key until
 * `leave`, also while it waits for a retry. The key's list holds the jobs behind it, in order of arrival.
 */
export class KeyOrder<Job> {
  readonly #behind = new Map<string, LinkedList<Job>>();

  /** Whether the job may run now; if not, `leave` hands it out when it is its turn. */
  enter(key: string, job: Job): boolean {
    const behind = this.#behind.get(key);
    if (behind === undefined) {
      this.#behind.set(key, new LinkedList());
      return true;
    }
    behind.push(job);
    return false;
  }

  /** The key's running job is done. Returns the one that may run next. */
  leave(key: string): Job | undefined {
    const next = this.#behind.get(key)?.shift();
    if (next === undefined) this.#behind.delete(key);
    return next;
  }
}

/** The pairs of fields in which callbacks name the two sides of a one-to-one conversation. */
const SIDES = [
  ['From_Account', 'To_Account'],
  ['Report_Account', 'Peer_Account'],
  ['Operator_Account', 'Peer_Account'],
] as const;

/**
 * For `orderBy`: events of one conversation run in order. The key is the group, with its topic where the
 * event names one, or the two accounts, whichever of them wrote. Other events have no key.
 */
export function byConversation(event: AnyCallbackEvent): string | undefined {
  const body: unknown = event.body;
  const group = textAt(body, 'GroupId');
  if (group !== undefined) return JSON.stringify(['group', group, textAt(body, 'TopicId')]);
  for (const [mine, yours] of SIDES) {
    const one = textAt(body, mine);
    const other = textAt(body, yours);
    if (one !== undefined && other !== undefined) return JSON.stringify(['c2c', ...[one, other].sort()]);
  }
  return undefined;
}

/** A field that holds text; the vendor sends empty text for what does not apply. */
function textAt(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
