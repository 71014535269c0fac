/** Between validation and hook, where it is switched on: repetitions of an event get the first one's answer. */

import { sha256Hex, toBase64 } from '#platform';
import { within } from '../base/bounded-wait.js';
import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import type { DedupeStore } from '../dedupe/memory-store.js';
import type { AnyCallbackEvent } from '../protocol/event.js';
import { type AnswerBody, isResponse } from './answer.js';

/** Part of the time that is left which the store may take; the rest is for the handler. */
const STORE_SHARE = 0.25;

/** What the stage needs. */
export interface DedupeSettings {
  readonly store: DedupeStore;
  readonly ttlMs: number;
  /** Told when the store fails. */
  readonly onStoreError: (error: CallbackError, event: AnyCallbackEvent) => void;
}

function storeError(cause?: unknown): CallbackError {
  return new CallbackError('queue_failed', { message: 'the de-duplication store failed', cause });
}

/** @throws Error when the text is no answer that was kept. */
function storedAnswerFrom(text: string): AnswerBody {
  const answer: unknown = JSON.parse(text);
  if (!isResponse(answer)) throw storeError('it kept no answer');
  return answer;
}

/**
 * The key in the store: a digest, because the sender decides how long a `dedupeKey` is. A before-callback is the same
 * only with the same body: a chat client can choose what its message's key is made of, and would else get for one
 * message the answer to another.
 */
function storeKeyOf(dedupeKey: string, { phase, rawBody }: AnyCallbackEvent): string | Promise<string> {
  return sha256Hex(phase === 'before' ? `${dedupeKey}\n${toBase64(rawBody)}` : dedupeKey);
}

/** Waits for a store, but only its share of the time. */
async function withinShare<T>(value: T | PromiseLike<T>, deadline: Deadline): Promise<T> {
  return isThenable(value)
    ? within(value, deadline.remainingMs * STORE_SHARE, () => storeError('late'))
    : value;
}

/**
 * An event is new, being handled, or answered. A repetition of one that is being handled waits for it; when
 * that one fails, the repetition is handled itself.
 */
export class Deduper {
  readonly #settings: DedupeSettings;
  readonly #running = new Map<string, Promise<AnswerBody>>();

  constructor(settings: DedupeSettings) {
    this.#settings = settings;
  }

  /** Gives the first answer of the same event, or runs the work for it. */
  async run(
    event: AnyCallbackEvent,
    deadline: Deadline,
    work: () => Promise<AnswerBody>,
  ): Promise<AnswerBody> {
    const { dedupeKey } = event;
    if (dedupeKey === undefined) return work();
    const hashing = storeKeyOf(dedupeKey, event);
    const key = isThenable(hashing) ? await hashing : hashing;
    for (let running = this.#running.get(key); running !== undefined; running = this.#running.get(key)) {
      const answer = await deadline.wait(
        running.catch(() => undefined),
        () => new CallbackError('handler_timeout'),
      );
      if (answer !== undefined) return answer;
    }
    const first = this.#first(key, event, deadline, work);
    this.#running.set(key, first);
    const forget = (): void => {
      this.#running.delete(key);
    };
    first.then(forget, forget);
    return first;
  }

  async #first(
    key: string,
    event: AnyCallbackEvent,
    deadline: Deadline,
    work: () => Promise<AnswerBody>,
  ): Promise<AnswerBody> {
    const { store, ttlMs } = this.#settings;
    const known = await this.#guard(event, async () => {
      const text = await withinShare(store.get(key), deadline);
      // Some clients give null for what they do not have.
      return typeof text === 'string' ? storedAnswerFrom(text) : undefined;
    });
    if (known !== undefined) return known;
    const answer = await work();
    await this.#guard(event, () => withinShare(store.set(key, JSON.stringify(answer), ttlMs), deadline));
    return answer;
  }

  /** A store that fails refuses nobody. */
  async #guard<T>(event: AnyCallbackEvent, use: () => Promise<T>): Promise<T | undefined> {
    try {
      return await use();
    } catch (thrown) {
      this.#settings.onStoreError(CallbackError.from(thrown, 'queue_failed'), event);
      return undefined;
    }
  }
}
