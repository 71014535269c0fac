/** What the queues take: events per second and CPU time per event, beside what one would write without them. */

import { cpus } from 'node:os';
import { median } from '../measure.js';
import { optionsFrom, USAGE } from './options.js';
import { figuresTable, verdicts } from './report.js';
import { load, measureAll } from './rounds.js';

function receiverLine(micros: readonly number[], rate: number | undefined): string {
  if (rate !== undefined) return `The receiver: ${rate} requests per CPU second, as given.`;
  if (micros.length === 0) return 'The receiver was not measured.';
  const cpu = median(micros);
  return `The receiver (Express 5, createServer()): ${cpu.toFixed(1)} µs of CPU time per request, ${Math.round(1e6 / cpu)} requests per CPU second.`;
}

/** Runs the benchmark with the arguments of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = optionsFrom(args);
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const before = load();
  const results = await measureAll(options);
  console.log(
    [
      `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, load average ${before} → ${load()}`,
      `${options.rounds} rounds, each measurement in a process of its own; medians. CPU time is that of the Node process, not of Redis.`,
      receiverLine(results.httpMicros, options.httpRate),
      '',
      figuresTable(results),
      '',
      `Wanted:\n${verdicts(results, options.httpRate)}`,
    ].join('\n'),
  );
}
