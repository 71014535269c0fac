/** Takes items from a list, has their events run, and gives back what is not done. */

import { settledWithin } from '../../base/bounded-wait.js';
import { CallbackError } from '../../base/errors.js';
import type { AnyCallbackEvent } from '../../protocol/event.js';
import type { EventConsumer } from '../queue.js';
import { EventRuns } from '../run.js';
import type { ListCache } from './cache.js';
import { jsonOf, nextItem, runsOf } from './item.js';
import type { ResolvedListOptions } from './options.js';

/** Retries that wait in memory; while there are as many nothing is taken. */
export const MAX_DELAYED = 1_000;

/** An item that was taken. */
interface Taken {
  readonly text: string;
  /** None of an item that is no event. */
  readonly event: AnyCallbackEvent | undefined;
}

/*
 *   taking ──quit──→ draining ──leave──→ over
 *
 *   item: taken ─→ EventRuns ─→ done
 *           │         ├─ dead ───→ owed to <key>:dead
 *           │         └─ leave ──→ owed to <key>
 *           └─ is no event ──────→ owed to <key>:invalid
 *
 * One loop takes an item when a worker is free, so that what others could handle is not held here. What is owed is
 * kept until the store has it. To <key> it is pushed once: a push whose reply is lost may have been carried out,
 * and its repetition would run the event twice.
 */
export class ListTaker {
  readonly runs: EventRuns<Taken>;
  /** Length of the list when it was last known, less what was taken since. */
  length = 0;
  readonly #cache: ListCache;
  readonly #options: ResolvedListOptions;
  /** How much the store is being given, and how that goes on. */
  #owed = 0;
  readonly #storing = new Set<Promise<void>>();
  /** What it did not take. */
  readonly #refused: Taken[] = [];
  /** Ends of the pauses that are under way. */
  readonly #pauses = new Set<() => void>();
  #looping: Promise<void> = Promise.resolve();
  #state: 'taking' | 'draining' | 'over' = 'taking';
  /** Wakes the loop when it waits for a free worker. */
  #wake: () => void = () => undefined;
  /** Whether the last that was heard of the store was a failure. */
  #away = false;

  constructor(cache: ListCache, options: ResolvedListOptions) {
    this.#cache = cache;
    this.#options = options;
    const limits = { capacity: MAX_DELAYED, assistMax: 0, idleMs: 0 };
    this.runs = new EventRuns(options.run, limits, {
      failed: () => {
        // Its worker is free a few promises later.
        setTimeout(() => this.#wake(), 0);
      },
      dead: ({ item, event, attempt }) => this.#putAside('dead', item, nextItem(item.text, event, attempt)),
      ended: () => this.#wake(),
    });
  }

  start(consumer: EventConsumer): void {
    this.runs.start(consumer);
    this.#looping = this.#loop(consumer);
  }

  /** @param reply What the store said of a push: the length of the list, where it knows that. */
  pushed(reply: unknown): void {
    if (typeof reply === 'number') this.length = reply;
  }

  /** Takes no more. */
  quit(): void {
    this.#enter('draining');
  }

  /** Resolves when all that was taken is done; needs `quit`. */
  async drained(): Promise<void> {
    await this.#looping;
    await this.runs.idle();
  }

  /**
   * Ends everything, and gives back what is not done.
   * @param ms How long that may take.
   * @returns Events that the store did not take. Those whose fate is not known by then are not among them: who ran
   * them again might do so twice.
   */
  async leave(ms: number): Promise<AnyCallbackEvent[]> {
    const entries = this.runs.stop();
    this.#enter('over');
    // A run that is cut short does not count.
    const texts = entries.map(({ item, event, attempt, run }) =>
      nextItem(item.text, event, run === undefined ? attempt : attempt - 1),
    );
    const items = entries.map(({ item }) => item);
    if (items.length > 0) void this.#owe(items, () => this.#giveBack(texts));
    await settledWithin(Promise.all(this.#storing), ms);
    return this.#abandon(this.#owed);
  }

  /** Resolves when nothing is under way in the store; needs `leave`. */
  async quiet(): Promise<void> {
    await this.#looping;
    await Promise.all(this.#storing);
    // What has come late, or was refused late.
    this.#abandon(0);
  }

  async #loop(consumer: EventConsumer): Promise<void> {
    const { key, blockMs } = this.#options;
    for (let failures = 0; this.#state === 'taking'; ) {
      if (this.#full) {
        await this.#change();
        continue;
      }
      try {
        const text = await this.#cache.blpop(key, blockMs / 1000);
        failures = 0;
        this.#away = false;
        if (typeof text === 'string') await this.#accept(text, consumer);
      } catch (thrown) {
        failures += 1;
        this.#failed(thrown);
        if (this.#state === 'taking') await this.#pause(failures);
      }
    }
  }

  get #full(): boolean {
    return this.runs.full || this.runs.stats.active >= this.#options.run.workers;
  }

  /** Never rejects. Resolves at once when it is an event, else when the store has it. */
  async #accept(text: string, consumer: EventConsumer): Promise<void> {
    this.length = Math.max(0, this.length - 1);
    if (this.#state === 'over') {
      return this.#owe([{ text, event: undefined }], () => this.#giveBack([text]));
    }
    let event: AnyCallbackEvent;
    try {
      event = consumer.decode(jsonOf(text));
    } catch (thrown) {
      this.runs.outcomes.tell({ kind: 'invalid', error: CallbackError.from(thrown, 'body_not_json') });
      return this.#putAside('invalid', { text, event: undefined }, text);
    }
    this.runs.take({ text, event }, event, undefined, runsOf(text));
  }

  /** Resolves when the store has the item; when all is over at the latest after one more attempt. */
  #putAside(list: 'dead' | 'invalid', item: Taken, text: string): Promise<void> {
    return this.#owe([item], async () => {
      for (let failures = 1; ; failures += 1) {
        try {
          await this.#cache.rpush(`${this.#options.key}:${list}`, text);
          this.#away = false;
          return true;
        } catch (thrown) {
          this.#failed(thrown);
        }
        if (this.#state === 'over') return false;
        await this.#pause(failures);
      }
    });
  }

  /** `false`: the store may not have them. */
  async #giveBack(texts: readonly string[]): Promise<boolean> {
    try {
      this.pushed(await this.#cache.rpush(this.#options.key, ...texts));
      return true;
    } catch {
      // Told by those who abandon them.
      return false;
    }
  }

  /** @param store Resolves with whether the store has the items. */
  #owe(items: readonly Taken[], store: () => Promise<boolean>): Promise<void> {
    this.#owed += items.length;
    const storing = store().then((stored) => {
      this.#storing.delete(storing);
      this.#owed -= items.length;
      if (!stored) this.#refused.push(...items);
    });
    this.#storing.add(storing);
    return storing;
  }

  /** Gives up what the store did not take, and says so. */
  #abandon(unknown: number): AnyCallbackEvent[] {
    const refused = this.#refused.splice(0);
    const count = refused.length + unknown;
    if (count > 0) {
      const message = `the store of the list did not confirm that it took back ${count} item(s); they may be lost`;
      this.runs.outcomes.tell({ kind: 'store', error: new CallbackError('queue_failed', { message }) });
    }
    return refused.flatMap(({ event }) => event ?? []);
  }

  /** Reports the first failure of an outage. */
  #failed(cause: unknown): void {
    if (this.#away || this.#state === 'over') return;
    this.#away = true;
    const message = 'the store of the list failed; it is tried again';
    this.runs.outcomes.tell({ kind: 'store', error: new CallbackError('queue_failed', { message, cause }) });
  }

  #enter(state: 'draining' | 'over'): void {
    this.#state = state;
    this.#wake();
    for (const end of this.#pauses) end();
  }

  /** Resolves when a worker may have become free. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #pause(failures: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, this.#options.pause(failures));
      this.#pauses.add(end);
    });
  }
}
