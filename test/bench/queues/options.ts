/** The command line of this benchmark. */

import { parseArgs } from 'node:util';
import { count } from '../flags.js';
import { TIERS, type Tier } from './cases.js';

export const USAGE = `Usage: npm run bench -- queues [options]
  --rounds N      rounds; each measures everything once (3)
  --events N      events of every measurement (a number of its own for each)
  --only A,B      these tiers only: ${TIERS.join(', ')}
  --http-rate N   requests per second and core of the receiver (measured in each round, see bench -- http)`;

/** What is to be done. */
export interface Options {
  readonly rounds: number;
  readonly events: number | undefined;
  readonly tiers: readonly Tier[];
  readonly httpRate: number | undefined;
}

const flags = {
  rounds: { type: 'string', default: '3' },
  events: { type: 'string' },
  only: { type: 'string' },
  'http-rate': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function tierOf(name: string): Tier {
  const found = TIERS.find((tier) => tier === name);
  if (found === undefined) throw new RangeError(`there is no tier ${name}`);
  return found;
}

/** `undefined` when help is asked for. @throws Error for what cannot be. */
export function optionsFrom(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({ args: [...args], options: flags });
  if (values.help) return undefined;
  const { rounds, events, only, 'http-rate': httpRate } = values;
  return {
    rounds: count('rounds', rounds),
    events: events === undefined ? undefined : count('events', events),
    tiers: only === undefined ? TIERS : only.split(',').map(tierOf),
    httpRate: httpRate === undefined ? undefined : count('http-rate', httpRate),
  };
}
