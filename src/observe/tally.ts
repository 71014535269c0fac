/** Counts by labels, for metrics that are asked for a few times a minute and counted thousands of times a second. */

/** Values by the names of their labels. */
export type Labels = Readonly<Record<string, string>>;

interface Count {
  readonly labels: Labels;
  value: number;
}

/** Counts until it is asked: a counter of the clients costs several times as much for each callback. */
export class Tally {
  readonly #names: readonly string[];
  readonly #counts: Count[] = [];
  /** By label after label. Of one text of all of them a hash would have to be made each time. */
  readonly #first = new Map<string, unknown>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @param values of the labels, in the order of their names. */
  count(...values: readonly string[]): void {
    let map = this.#first;
    const last = values.length - 1;
    for (let index = 0; index < last; index++) {
      let next = map.get(values[index] as string) as Map<string, unknown> | undefined;
      if (next === undefined) {
        next = new Map();
        map.set(values[index] as string, next);
      }
      map = next;
    }
    const count = map.get(values[last] as string) as Count | undefined;
    if (count !== undefined) {
      count.value += 1;
      return;
    }
    const labels = Object.fromEntries(this.#names.map((name, index) => [name, values[index] as string]));
    const fresh: Count = { labels, value: 1 };
    map.set(values[last] as string, fresh);
    this.#counts.push(fresh);
  }

  /** Adds what was counted since the last time. */
  moveTo(counter: { inc(labels: Labels, value?: number): void }): void {
    for (const counted of this.#counts) {
      counter.inc(counted.labels, counted.value);
      counted.value = 0;
    }
  }
}

/** How many values wait at most. */
export const MAX_WAITING = 500;

/** Keeps values until many can be observed in one go, which costs a fraction for each. */
export class Observations {
  readonly #histogram: { observe(labels: Labels, value: number): void };
  #labels: Labels[] = [];
  #values: number[] = [];

  constructor(histogram: { observe(labels: Labels, value: number): void }) {
    this.#histogram = histogram;
  }

  add(labels: Labels, value: number): void {
    this.#labels.push(labels);
    this.#values.push(value);
    if (this.#values.length === MAX_WAITING) this.flush();
  }

  /** Observes what waits. */
  flush(): void {
    const labels = this.#labels;
    const values = this.#values;
    this.#labels = [];
    this.#values = [];
    for (let index = 0; index < values.length; index++) {
      this.#histogram.observe(labels[index] as Labels, values[index] as number);
    }
  }
}
