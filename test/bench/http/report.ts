/** Puts the figures into words and tables. */

import { markdownTable, median, medianInterval, range, ratios } from '../measure.js';
import { BARE_HTTP, type Candidate, candidates, EXPRESS_ROUTE, type Wanted } from './candidates.js';
import { type Profile, selfTimes } from './profile.js';
import type { Sample } from './trial.js';

/** Samples by the name of the candidate, one per round. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

const NONE = '–';
/** Smaller shares of a profile are summed up. */
const SMALL_SHARE = 0.005;

function cpuOf(samples: readonly Sample[] | undefined): readonly number[] | undefined {
  return samples?.map(({ cpuMicros }) => cpuMicros);
}

/** Such as `0.81 (0.78–0.84)`: the median, and where it lies in 95 of 100 cases. */
function told(found: readonly number[]): string {
  const [low, high] = medianInterval(found).map((value) => value.toFixed(2));
  return `${median(found).toFixed(2)} (${low}–${high})`;
}

function ratiosBetween(samples: Samples, name: string, peer: string): readonly number[] | undefined {
  const [own, others] = [cpuOf(samples.get(name)), cpuOf(samples.get(peer))];
  return own === undefined || others === undefined ? undefined : ratios(own, others);
}

function row(samples: Samples, { name, title, inMemory }: Candidate, own: readonly Sample[]): string[] {
  const cpu = own.map(({ cpuMicros }) => cpuMicros);
  const latencies = own.flatMap(({ p99Ms }) => p99Ms ?? []);
  const digits = inMemory ? 2 : 0;
  // In memory only a part of what the others do is done.
  const times = (peer: string): string => {
    const found = inMemory ? undefined : ratiosBetween(samples, name, peer);
    return found === undefined ? NONE : told(found);
  };
  return [
    `${title} (\`${name}\`)`,
    median(cpu).toFixed(digits),
    range(cpu, digits),
    times(BARE_HTTP),
    times(EXPRESS_ROUTE),
    latencies.length === 0 ? NONE : median(latencies).toFixed(1),
  ];
}

/** All figures as a table in Markdown. */
export function figuresTable(samples: Samples): string {
  const head = ['server', 'CPU µs per request', 'min–max', '× bare http', '× Express route', 'p99 ms'];
  const rows = candidates.flatMap((candidate) => {
    const own = samples.get(candidate.name);
    return own === undefined ? [] : [row(samples, candidate, own)];
  });
  return markdownTable(head, rows);
}

function verdict(samples: Samples, { name, peer, atMost }: Wanted): string {
  const bound = `${name}: at most ${atMost} of ${peer}`;
  const found = ratiosBetween(samples, name, peer);
  if (found === undefined) return `- ${bound}: not measured`;
  return `- ${bound}: ${told(found)}, ${median(found) <= atMost ? 'met' : 'NOT MET'}`;
}

/** What is wanted on a version of Node, line by line, with whether it is so. */
export function verdicts(samples: Samples, nodeVersion: string, wanted: readonly Wanted[]): string {
  const major = Number.parseInt(nodeVersion, 10);
  return wanted
    .filter(({ on }) => on.from <= major && major <= on.to)
    .map((one) => verdict(samples, one))
    .join('\n');
}

/**
 * Where the time of a candidate goes, as a table in Markdown. It is time by the clock, taken of the main thread:
 * on a busy machine only the shares mean something.
 */
export function profileTable({ name, inMemory }: Candidate, profile: Profile, amount: number): string {
  const times = selfTimes(profile);
  const total = times.reduce((sum, [, micros]) => sum + micros, 0);
  const large = times.filter(([, micros]) => micros / total >= SMALL_SHARE);
  const rest = total - large.reduce((sum, [, micros]) => sum + micros, 0);
  const rows = [
    ...large,
    [`${times.length - large.length} smaller ones`, rest] as const,
    ['all', total] as const,
  ];
  return markdownTable(
    [`self-time of ${name}`, inMemory ? 'µs per event' : 'µs per request', 'share'],
    rows.map(([group, micros]) => [
      group,
      (micros / amount).toFixed(2),
      `${((micros / total) * 100).toFixed(1)} %`,
    ]),
  );
}
