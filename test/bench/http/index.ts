/** CPU time per callback: this package in each framework, beside what one would write without it. */

import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { count } from '../flags.js';
import { BARE_HTTP, type Candidate, candidates, EXPRESS_ROUTE } from './candidates.js';
import { figuresTable, profileTable, type Samples, verdicts } from './report.js';
import { profileOf, type Sample, type TrialOptions, trial } from './trial.js';

const USAGE = `Usage: npm run bench -- http [options]
  --rounds N        rounds; each starts every server once (5)
  --requests N      requests that are measured per start (6000)
  --warm-up N       requests before that (8000)
  --connections N   kept-alive connections (16)
  --only A,B        these only: ${candidates.map(({ name }) => name).join(', ')}
                    ratios need ${BARE_HTTP} and ${EXPRESS_ROUTE}
  --node PATH       the Node that the servers run on (this one)
  --profile NAME    tells where the time of one server goes instead`;

const flags = {
  rounds: { type: 'string', default: '5' },
  requests: { type: 'string', default: '6000' },
  'warm-up': { type: 'string', default: '8000' },
  connections: { type: 'string', default: '16' },
  only: { type: 'string' },
  node: { type: 'string', default: process.execPath },
  profile: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function candidateOf(name: string): Candidate {
  const found = candidates.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`there is no server ${name}`);
  return found;
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}

/** Round by round, so that what disturbs the machine for a while disturbs all of them. */
async function measureAll(
  chosen: readonly Candidate[],
  rounds: number,
  options: TrialOptions,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(chosen.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}, load average ${load()}`);
    for (const candidate of chosen) samples.get(candidate.name)?.push(await trial(candidate, options));
  }
  return samples;
}

/** Runs the benchmark with the arguments of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const options: TrialOptions = {
    requests: count('requests', values.requests),
    warmUp: count('warm-up', values['warm-up']),
    connections: count('connections', values.connections),
    node: values.node,
  };
  if (values.profile !== undefined) {
    const candidate = candidateOf(values.profile);
    const { profile, amount } = await profileOf(candidate, options);
    console.log(profileTable(candidate, profile, amount));
    return;
  }
  const chosen = values.only === undefined ? candidates : values.only.split(',').map(candidateOf);
  const rounds = count('rounds', values.rounds);
  const before = load();
  const samples = await measureAll(chosen, rounds, options);
  const nodeVersion = [...samples.values()].flat()[0]?.nodeVersion ?? '';
  console.log(
    [
      `Node ${nodeVersion}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, load average ${before} → ${load()}`,
      `${rounds} starts, ${options.requests} requests each on ${options.connections} connections. Ratios are medians of the ratios within a round.`,
      '',
      figuresTable(samples),
      '',
      `Wanted:\n${verdicts(samples, nodeVersion)}`,
    ].join('\n'),
  );
}
