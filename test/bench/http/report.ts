/** Puts the figures into words and tables. */

import { markdownTable, median, range, ratio } from '../measure.js';
import { BARE_HTTP, type Candidate, candidates, EXPRESS_ROUTE, type Wanted, wanted } from './candidates.js';
import { type Profile, selfTimes } from './profile.js';
import type { Sample } from './trial.js';

/** Samples by the name of the candidate, one per round. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** From this version on Node no longer slows down what Express does, and the hand-written route with it. */
const FAST_EXPRESS_IN_NODE = 24;
const NONE = '–';
/** Smaller shares of a profile are summed up. */
const SMALL_SHARE = 0.005;

function cpuOf(samples: readonly Sample[] | undefined): readonly number[] | undefined {
  return samples?.map(({ cpuMicros }) => cpuMicros);
}

function ratioBetween(samples: Samples, name: string, peer: string): number | undefined {
  const [own, others] = [cpuOf(samples.get(name)), cpuOf(samples.get(peer))];
  return own === undefined || others === undefined ? undefined : ratio(own, others);
}

function row(samples: Samples, { name, title, inMemory }: Candidate, own: readonly Sample[]): string[] {
  const cpu = own.map(({ cpuMicros }) => cpuMicros);
  const latencies = own.flatMap(({ p99Ms }) => p99Ms ?? []);
  const digits = inMemory ? 2 : 0;
  // In memory only a part of what the others do is done.
  const times = (peer: string): string =>
    (inMemory ? undefined : ratioBetween(samples, name, peer))?.toFixed(2) ?? NONE;
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

function verdict(samples: Samples, nodeMajor: number, { name, peer, atMost }: Wanted): string {
  const cpu = cpuOf(samples.get(name));
  const found = peer === undefined ? cpu && median(cpu) : ratioBetween(samples, name, peer);
  const against = peer === undefined ? 'µs' : `of ${peer}`;
  const bound = `${name}: at most ${atMost} ${against}`;
  if (found === undefined) return `- ${bound}: not measured`;
  const value = found.toFixed(2);
  // There the hand-written route is about twice as fast, so that the bound says nothing.
  if (peer === EXPRESS_ROUTE && nodeMajor >= FAST_EXPRESS_IN_NODE)
    return `- ${bound}: ${value}; wanted on older versions of Node only`;
  return `- ${bound}: ${value}, ${found <= atMost ? 'met' : 'NOT MET'}`;
}

/** What is wanted, line by line, with whether it is so. */
export function verdicts(samples: Samples, nodeVersion: string): string {
  const nodeMajor = Number.parseInt(nodeVersion, 10);
  return wanted.map((one) => verdict(samples, nodeMajor, one)).join('\n');
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
