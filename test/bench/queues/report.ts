/** Puts the figures into a table, and says which of the wanted ones are there. */

import { markdownTable, median, range, ratio } from '../measure.js';
import { BULLMQ, DISK, type InFlight, MEMORY } from './cases.js';
import type { Figures } from './load.js';
import type { Measured, Results } from './rounds.js';

const NONE = '–';

/** Bounds of what is wanted. */
const MEMORY_PER_REQUEST = 10;
const DISK_PER_SECOND = 20_000;
/** What keeping each event within its own time may cost. */
const BULLMQ_CPU = 1.1;
const BULLMQ_RATE = 0.9;

type Figure = keyof Figures;

function values({ figures }: Measured, figure: Figure): number[] {
  return figures.flatMap((one) => one[figure] ?? []);
}

function perSecond(all: readonly number[]): string {
  return all.length === 0 ? NONE : Math.round(median(all)).toLocaleString('en');
}

function find({ lines }: Results, subject: string, inFlight: InFlight): Measured | undefined {
  return lines.find((line) => line.case.subject === subject && line.inFlight === inFlight);
}

/** A figure over that of the peer, which was measured in the same rounds. */
function timesPeer(results: Results, line: Measured, figure: Figure): number | undefined {
  const peer = line.case.peer === undefined ? undefined : find(results, line.case.peer, line.inFlight);
  return peer === undefined ? undefined : ratio(values(line, figure), values(peer, figure));
}

/** All figures as a table in Markdown. */
export function figuresTable(results: Results): string {
  const head = ['queue', 'in flight', 'accepted/s', 'handled/s', 'CPU µs per event', 'min–max', '× peer'];
  return markdownTable(
    head,
    results.lines.map((line) => {
      const cpu = values(line, 'cpuMicrosPerEvent');
      return [
        line.case.subject,
        String(line.inFlight),
        perSecond(values(line, 'acceptedPerSecond')),
        perSecond(values(line, 'handledPerSecond')),
        median(cpu).toFixed(1),
        range(cpu, 1),
        timesPeer(results, line, 'cpuMicrosPerEvent')?.toFixed(2) ?? NONE,
      ];
    }),
  );
}

interface Verdict {
  readonly wanted: string;
  readonly found: number | undefined;
  readonly met: (found: number) => boolean;
}

function timesHttp(results: Results, httpRate: number | undefined): number | undefined {
  const line = find(results, MEMORY, 50);
  if (line === undefined) return undefined;
  const cpu = values(line, 'cpuMicrosPerEvent');
  return httpRate === undefined ? ratio(results.httpMicros, cpu) : 1e6 / httpRate / median(cpu);
}

/** What is wanted, line by line, with whether it is so. */
export function verdicts(results: Results, httpRate: number | undefined): string {
  const disk = find(results, DISK, 50);
  const bullmq = find(results, BULLMQ, 50);
  const all: readonly Verdict[] = [
    {
      wanted: `memoryQueue, 50 in flight: more than ${MEMORY_PER_REQUEST} × as many events per CPU second as the receiver takes requests`,
      found: timesHttp(results, httpRate),
      met: (found) => found > MEMORY_PER_REQUEST,
    },
    {
      wanted: `diskQueue, 50 in flight: more than ${DISK_PER_SECOND} accepted per second`,
      found: disk && median(values(disk, 'acceptedPerSecond')),
      met: (found) => found > DISK_PER_SECOND,
    },
    {
      wanted: `bullmqQueue, 50 in flight: at most ${BULLMQ_CPU} × the CPU of one bare add per event`,
      found: bullmq && timesPeer(results, bullmq, 'cpuMicrosPerEvent'),
      met: (found) => found <= BULLMQ_CPU,
    },
    {
      wanted: `bullmqQueue, 50 in flight: at least ${BULLMQ_RATE} × as many accepted per second as with one bare add per event`,
      found: bullmq && timesPeer(results, bullmq, 'acceptedPerSecond'),
      met: (found) => found >= BULLMQ_RATE,
    },
  ];
  return all
    .map(({ wanted, found, met }) => {
      if (found === undefined) return `- ${wanted}: not measured`;
      return `- ${wanted}: ${found.toFixed(found < 1000 ? 2 : 0)}, ${met(found) ? 'met' : 'NOT MET'}`;
    })
    .join('\n');
}
