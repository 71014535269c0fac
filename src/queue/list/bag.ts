/** A set in which a text may be several times. */
export class Bag {
  readonly #counts = new Map<string, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
    this.#size += 1;
  }

  /** Takes a text out once. */
  delete(text: string): void {
    const count = this.#counts.get(text);
    if (count === undefined) return;
    this.#size -= 1;
    if (count === 1) this.#counts.delete(text);
    else this.#counts.set(text, count - 1);
  }

  /** Those of some texts that are not in here, each as often as it is too many. */
  missing(texts: readonly string[]): string[] {
    const left = new Map(this.#counts);
    return texts.filter((text) => {
      const count = left.get(text) ?? 0;
      left.set(text, count - 1);
      return count <= 0;
    });
  }

  *[Symbol.iterator](): Iterator<string> {
    for (const [text, count] of this.#counts) {
      for (let copy = 0; copy < count; copy += 1) yield text;
    }
  }
}
