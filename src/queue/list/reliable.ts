/** The reliable mode: what a process has taken stays in the store until it is done. */

import { CallbackError } from '../../base/errors.js';
import { type Timer, unref } from '../../base/timers.js';
import { Bag } from './bag.js';
import type { ReliableListCache } from './cache.js';
import type { ResolvedListOptions } from './options.js';
import { ABSENT, DELAY, DONE, HELD, LEAVE, PROBE, PUT_ASIDE, REAP, TAKE, TICK } from './scripts.js';
import type { ListSource, SourceEvents } from './source.js';

type Settings = Pick<ResolvedListOptions, 'key' | 'blockMs' | 'aliveMs' | 'maxReturns' | 'now'>;

/** Heartbeats in the time after which their absence means death. */
const BEATS_PER_LIFE = 3;

/** Beyond the end of a wait that Redis may still have open for a connection of ours that is gone. */
const LATE_WAIT_MS = 1_000;

const RECEIVED_AT = /"ReceivedAt":(\d{1,16})/;

/*
 * Where an item is:
 *
 *   list → processing:<consumer> → gone             done
 *     ↑         │        └──────→ dead, invalid     no attempt left; no event
 *     ├─────────┤ leave; or REAP, when the heartbeat of the consumer is gone
 *     └─ delayed ←┘ a retry waits
 *
 * Invariants: every step is one script, so an item is always in exactly one of these places. A consumer waits
 * for items only while its heartbeat is fresh, and a wait ends before that heartbeat can (blockMs is at most a
 * third of aliveMs, and it takes items only in the first half): nothing comes into the list of a consumer that
 * was reaped. `held` are the items that this process was given; what is in its list beyond them was given with
 * a reply that was lost, and is found by `#suspect`.
 */
export class ReliableSource implements ListSource {
  readonly #cache: ReliableListCache;
  readonly #settings: Settings;
  readonly #id = crypto.randomUUID();
  readonly #keys: Readonly<
    Record<'list' | 'delayed' | 'dead' | 'consumers' | 'processing' | 'alive', string>
  >;
  readonly #held = new Bag();
  #events: SourceEvents | undefined;
  #beat: Timer | undefined;
  /** When it fires. */
  #beatAt = Number.POSITIVE_INFINITY;
  #ticking: Promise<void> | undefined;
  #tickedAt = Number.NEGATIVE_INFINITY;
  /** The other consumers. */
  #others: readonly string[] = [];
  /** Those of them without a heartbeat when it was last looked, and when that was. */
  #absent = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Whether the processing list may hold more than is known. */
  #suspect = false;
  #left = false;
  delayed = 0;
  headReceivedAt: number | undefined;

  constructor(cache: ReliableListCache, settings: Settings) {
    this.#cache = cache;
    this.#settings = settings;
    const { key } = settings;
    this.#keys = {
      list: key,
      delayed: `${key}:delayed`,
      dead: `${key}:dead`,
      consumers: `${key}:consumers`,
      processing: this.#processingOf(this.#id),
      alive: this.#aliveOf(this.#id),
    };
  }

  async probe(): Promise<unknown> {
    return this.#cache.run(PROBE, [this.#keys.processing], []);
  }

  start(events: SourceEvents): void {
    this.#events = events;
    this.#beatIn(0);
  }

  async take(max: number, wait: boolean): Promise<readonly string[]> {
    const sinceTick = this.#settings.now() - this.#tickedAt;
    if (!(sinceTick >= 0 && sinceTick < this.#settings.aliveMs / 2)) await this.#tick();
    if (this.#left) return [];
    try {
      const texts = await this.#take(max, wait);
      for (const text of texts) this.#held.add(text);
      return texts;
    } catch (thrown) {
      // The items may have been moved, and only the reply lost.
      this.#suspect = true;
      throw thrown;
    }
  }

  async #take(max: number, wait: boolean): Promise<readonly string[]> {
    const { list, processing } = this.#keys;
    if (this.#suspect) {
      const unknown = this.#held.missing(textsFrom(await this.#cache.run(HELD, [processing], [])));
      this.#suspect = unknown.length > max;
      if (unknown.length > 0) return unknown.slice(0, max);
    }
    const texts = textsFrom(await this.#cache.run(TAKE, [list, processing], [String(max)]));
    if (texts.length > 0 || !wait) return texts;
    const text = await this.#cache.blmove(list, processing, this.#settings.blockMs / 1000);
    return text === null || text === undefined ? [] : [text];
  }

  async done(text: string): Promise<void> {
    await this.#cache.run(DONE, [this.#keys.processing], [text]);
    this.#held.delete(text);
  }

  async retry(text: string, next: string, waitMs: number): Promise<void> {
    const { processing, delayed } = this.#keys;
    await this.#cache.run(DELAY, [processing, delayed], [text, next, String(waitMs)]);
    this.#held.delete(text);
    this.delayed += 1;
    this.#beatIn(waitMs);
  }

  async putAside(list: 'dead' | 'invalid', text: string, next: string): Promise<void> {
    await this.#cache.run(PUT_ASIDE, [this.#keys.processing, `${this.#settings.key}:${list}`], [text, next]);
    this.#held.delete(text);
  }

  async leave(cleanly: boolean): Promise<void> {
    this.#left = true;
    clearTimeout(this.#beat);
    const { list, consumers, processing, alive } = this.#keys;
    const lateMs = cleanly ? 0 : this.#settings.blockMs + LATE_WAIT_MS;
    // A heartbeat that is under way would bring this consumer back.
    await this.#ticking?.catch(() => undefined);
    await this.#cache.run(LEAVE, [list, consumers, processing, alive], [this.#id, String(lateMs)]);
  }

  /** Looks after the store in so many milliseconds, or earlier if that is planned already. */
  #beatIn(ms: number): void {
    const at = performance.now() + ms;
    if (this.#left || at >= this.#beatAt) return;
    clearTimeout(this.#beat);
    this.#beatAt = at;
    this.#beat = setTimeout(() => {
      this.#beatAt = Number.POSITIVE_INFINITY;
      this.#tick()
        .then(() => this.#reap())
        .catch((thrown: unknown) => this.#events?.failed(thrown))
        .finally(() => this.#beatIn(this.#beatMs));
    }, ms);
    // Connections keep the process alive as long as it should be.
    unref(this.#beat);
  }

  get #beatMs(): number {
    return this.#settings.aliveMs / BEATS_PER_LIFE;
  }

  /** One heartbeat; those who ask while one is under way share it. */
  #tick(): Promise<void> {
    this.#ticking ??= this.#tickOnce().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async #tickOnce(): Promise<void> {
    const { list, delayed, processing, consumers, alive } = this.#keys;
    const begunAt = this.#settings.now();
    const reply = await this.#cache.run(
      TICK,
      [list, delayed, processing, consumers, alive],
      [this.#id, String(this.#settings.aliveMs)],
    );
    const [held, waiting, nextMs, head, ids] = listFrom(reply);
    this.#tickedAt = begunAt;
    this.#suspect ||= Number(held) > this.#held.size;
    this.delayed = Number(waiting ?? 0);
    const [, receivedAt] = RECEIVED_AT.exec(String(head)) ?? [];
    this.headReceivedAt = receivedAt === undefined ? undefined : Number(receivedAt);
    this.#others = textsFrom(ids).filter((id) => id !== this.#id);
    if (Number(nextMs) >= 0) this.#beatIn(Number(nextMs));
  }
  /**
   * Returns the items of consumers that were dead this time and the last: when Redis itself was away, all
   * heartbeats are gone at first.
   */
  async #reap(): Promise<void> {
    const others = this.#others;
    const now = performance.now();
    // Retries bring heartbeats that follow one another faster.
    if (now - this.#lookedAt < this.#beatMs / 2) return;
    this.#lookedAt = now;
    const places = others.length === 0 ? [] : await this.#absentOf(others);
    const absent = others.filter((_, index) => places.includes(index + 1));
    const dead = absent.filter((id) => this.#absent.has(id));
    this.#absent = new Set(absent);
    const { list, dead: deadList, consumers } = this.#keys;
    for (const id of dead) {
      const reply = await this.#cache.run(
        REAP,
        [list, deadList, consumers, this.#processingOf(id), this.#aliveOf(id)],
        [id, String(this.#settings.maxReturns)],
      );
      const message = 'the process that ran its handler was gone each time';
      for (const text of textsFrom(listFrom(reply)[1])) {
        this.#events?.dead(text, new CallbackError('handler_failed', { message }));
      }
    }
  }

  /** The places, from 1, of those without a heartbeat. */
  async #absentOf(ids: readonly string[]): Promise<readonly number[]> {
    const reply = await this.#cache.run(
      ABSENT,
      ids.map((id) => this.#aliveOf(id)),
      [],
    );
    return listFrom(reply).map(Number);
  }

  #processingOf(id: string): string {
    return `${this.#settings.key}:processing:${id}`;
  }

  #aliveOf(id: string): string {
    return `${this.#settings.key}:alive:${id}`;
  }
}

/** What was no list is an empty one: a store of one's own may answer anything. */
function listFrom(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

function textsFrom(reply: unknown): string[] {
  return listFrom(reply).map(String);
}
