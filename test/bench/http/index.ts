/** CPU time per callback: this package in each framework, beside what one would write without it. */

import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { nodeOf, SUPPORTED } from '../../../scripts/nodes.js';
import { count } from '../flags.js';
import { writePages } from '../pages.js';
import { BODY_BYTES, LARGE_BYTES } from './callback.js';
import { BARE_HTTP, type Candidate, candidates, EXPRESS_ROUTE, wanted, wantedOfLarge } from './candidates.js';
import { figuresTable, profileTable, type Samples, verdicts } from './report.js';
import { profileOf, type Sample, type TrialOptions, trial } from './trial.js';

const USAGE = `Usage: npm run bench -- http [options]
  --rounds N        rounds; each starts every server once (7)
  --requests N      requests that are measured per start (6000)
  --warm-up N       requests before that (8000)
  --connections N   kept-alive connections (16)
  --only A,B        these only: ${candidates.map(({ name }) => name).join(', ')}
                    ratios need ${BARE_HTTP} and ${EXPRESS_ROUTE}
  --body N          bytes of the body (${BODY_BYTES})
  --node A,B        what the servers run on: ${SUPPORTED.join(', ')}, or the path of a Node (this one)
  --profile NAME    tells where the time of one server goes instead
  --write           writes the figures into docs/speed.md`;

const flags = {
  rounds: { type: 'string', default: '7' },
  requests: { type: 'string', default: '6000' },
  'warm-up': { type: 'string', default: '8000' },
  connections: { type: 'string', default: '16' },
  body: { type: 'string', default: String(BODY_BYTES) },
  only: { type: 'string' },
  node: { type: 'string', default: process.execPath },
  profile: { type: 'string' },
  write: { type: 'boolean', default: false },
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

/** Round by round, so that what disturbs the machine for a while disturbs all of them. One result for each Node. */
async function measureAll(
  chosen: readonly Candidate[],
  nodes: readonly string[],
  rounds: number,
  options: Omit<TrialOptions, 'node'>,
): Promise<Samples[]> {
  const results = nodes.map((node) => ({ node, samples: new Map<string, Sample[]>() }));
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}, load average ${load()}`);
    for (const { node, samples } of results) {
      for (const candidate of chosen) {
        const sample = await trial(candidate, { ...options, node });
        samples.set(candidate.name, [...(samples.get(candidate.name) ?? []), sample]);
      }
    }
  }
  return results.map(({ samples }) => samples);
}

function reportOf(samples: Samples, bodyBytes: number): string {
  const nodeVersion = [...samples.values()].flat()[0]?.nodeVersion ?? '';
  const bounds = bodyBytes < LARGE_BYTES ? wanted : wantedOfLarge;
  return [
    `Node ${nodeVersion}:`,
    '',
    figuresTable(samples),
    '',
    'Wanted:',
    '',
    verdicts(samples, nodeVersion, bounds),
  ].join('\n');
}

/** Runs the benchmark with the arguments of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const bodyBytes = count('body', values.body);
  const options = {
    requests: count('requests', values.requests),
    warmUp: count('warm-up', values['warm-up']),
    connections: count('connections', values.connections),
    bodyBytes,
  };
  const nodes = await Promise.all(
    values.node.split(',').map((node) => (SUPPORTED.includes(node) ? nodeOf(node) : node)),
  );
  if (values.profile !== undefined) {
    const candidate = candidateOf(values.profile);
    for (const node of nodes) {
      const { profile, amount } = await profileOf(candidate, { ...options, node });
      console.log(profileTable(candidate, profile, amount));
    }
    return;
  }
  const chosen = values.only === undefined ? candidates : values.only.split(',').map(candidateOf);
  const rounds = count('rounds', values.rounds);
  const before = load();
  const results = await measureAll(chosen, nodes, rounds, options);
  const text = [
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, load average ${before} → ${load()}. ${rounds} starts, ${options.requests} requests each, of ${bodyBytes} bytes, on ${options.connections} connections. Ratios are medians of the ratios within a round, with the interval in which they lie in 95 of 100 cases.`,
    ...results.map((samples) => reportOf(samples, bodyBytes)),
  ].join('\n\n');
  console.log(text);
  if (values.write) writePages(bodyBytes < LARGE_BYTES ? 'http' : 'http large', text);
}
