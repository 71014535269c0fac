/** What a receiver remembers of its traffic, to say how it is: a few numbers, whatever comes in. */

import type { CallbackError, CallbackErrorCode } from '../base/errors.js';
import { MAX_POSITIONS } from '../observe/message.js';

/** How long a refusal counts, in milliseconds. */
export const REFUSALS_MS = 60_000;

/** Refusals are counted by slices of this many milliseconds. */
const SLICE_MS = 10_000;

interface Slice {
  readonly number: number;
  readonly counts: Map<CallbackErrorCode, number>;
}

/** Times are those of `performance.now()`. */
export class Vitals {
  /** When the last request came, whoever has sent it; `-Infinity`: none has. */
  lastAt = Number.NEGATIVE_INFINITY;
  /** When the last trusted one came. */
  lastTrustedAt = Number.NEGATIVE_INFINITY;
  /** How many results have come after the answer. */
  lateResults = 0;
  /** How many requests each token has signed, by position. */
  readonly #byToken: number[] = Array.from({ length: MAX_POSITIONS }, () => 0);
  readonly #clock: () => number;
  /** The last minute, oldest first. */
  readonly #slices: Slice[] = [];

  /** @param clock Milliseconds since any moment. Defaults to those of this process. */
  constructor(clock = () => performance.now()) {
    this.#clock = clock;
  }

  /** A request was verified. */
  trusted(at: number, position: number | undefined): void {
    this.lastTrustedAt = at;
    if (position === undefined || position >= MAX_POSITIONS) return;
    this.#byToken[position] = (this.#byToken[position] as number) + 1;
  }

  /** How many requests each token has signed, as far as the last one that has signed any. */
  tokens(): readonly number[] {
    return this.#byToken.slice(0, 1 + this.#byToken.findLastIndex((count) => count > 0));
  }

  /** A request was refused, or failed. */
  refused({ code }: CallbackError): void {
    const { counts } = this.#slice();
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }

  /** How many requests were refused or failed in the last minute, and the code that most of them got. */
  refusals(): { readonly count: number; readonly code: CallbackErrorCode | undefined } {
    this.#slice();
    const sums = new Map<CallbackErrorCode, number>();
    for (const { counts } of this.#slices) {
      for (const [code, count] of counts) sums.set(code, (sums.get(code) ?? 0) + count);
    }
    const [most] = [...sums].sort(([, one], [, other]) => other - one);
    return { count: [...sums.values()].reduce((sum, count) => sum + count, 0), code: most?.[0] };
  }

  /** The slice of this moment; those that are over are dropped. */
  #slice(): Slice {
    const number = Math.floor(this.#clock() / SLICE_MS);
    const oldest = number - REFUSALS_MS / SLICE_MS;
    while (this.#slices[0] !== undefined && this.#slices[0].number <= oldest) this.#slices.shift();
    let slice = this.#slices.at(-1);
    if (slice?.number !== number) {
      slice = { number, counts: new Map() };
      this.#slices.push(slice);
    }
    return slice;
  }
}
