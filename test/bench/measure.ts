/** What every benchmark does with its figures: the middle of several runs, and a table for people. */

function sorted(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('there are no figures');
  return [...values].sort((a, b) => a - b);
}

/** The value below which the given share (0 to 1) of the values lies, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * values.length));
  return sorted(values)[rank - 1] ?? Number.NaN;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const upper = sorted(values).slice(Math.ceil(values.length / 2) - 1, Math.floor(values.length / 2) + 1);
  return upper.reduce((sum, value) => sum + value, 0) / upper.length;
}

/** Lowest and highest value, as `31–48`. */
export function range(values: readonly number[], digits: number): string {
  const all = sorted(values);
  return [all[0], all.at(-1)].map((value) => value?.toFixed(digits)).join('–');
}

/**
 * How much one thing takes of what another takes. Figures of one round are compared with each other, because
 * the machine may be slower in the next; the result is the median over the rounds.
 */
export function ratio(values: readonly number[], peer: readonly number[]): number {
  return median(ratios(values, peer));
}

/**
 * Where the median of all there could be lies in 95 of 100 cases, by the order of the values alone. Of fewer than six
 * values that cannot be said, and the interval is all that was seen.
 */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const all = sorted(values);
  const { length } = all;
  // How likely it is that so few values lie below the median: each does with the chance of a coin.
  let chance = 0.5 ** length;
  let below = chance;
  let cut = 0;
  while (below + (chance * (length - cut)) / (cut + 1) <= 0.025) {
    chance *= (length - cut) / (cut + 1);
    below += chance;
    cut += 1;
  }
  return [all[cut] ?? Number.NaN, all[length - 1 - cut] ?? Number.NaN];
}

/** The ratios of one thing to another, round by round. */
export function ratios(values: readonly number[], peer: readonly number[]): number[] {
  if (values.length !== peer.length) throw new RangeError('both have to have run in every round');
  return values.map((value, round) => value / (peer[round] ?? Number.NaN));
}

/** A table in Markdown. The first column is text, the others are figures. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => (line[column] ?? '').length)));
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  };
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [head.map(pad), rule, ...rows.map((row) => row.map(pad))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
