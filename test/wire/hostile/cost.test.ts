/** What a stranger sends costs little: at most three times what Express's own 404 costs for the same request. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cost } from './cost-server.js';

const MOST = 3;
/** Below Node's own bound for all headers together. */
const LONGEST = 15_000;

let child: ReturnType<typeof fork>;

beforeAll(async () => {
  child = fork(join(import.meta.dirname, 'cost-server.ts'), [], { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
});

afterAll(async () => {
  child.kill();
  await once(child, 'exit');
});

async function costsOf(queries: readonly string[]): Promise<Cost[]> {
  const told = once(child, 'message');
  child.send(queries);
  const [costs]: unknown[] = await told;
  return costs as Cost[];
}

const full = (piece: string): string => piece.repeat(Math.floor(LONGEST / piece.length));

const handmade = [
  '',
  full('%&'),
  full('&%'),
  full('&'),
  full('='),
  full('=&'),
  full('%53=1&'),
  full('SdkAppid=%'),
  full('sign=1&'),
  `SdkAppid=${full('%ff').slice(0, -10)}`,
  `SdkAppid=1400000000&Sign=${full('%41').slice(0, -30)}`,
  `SdkAppid=1400000000&CallbackCommand=${full('+').slice(0, -40)}`,
  `SdkAppid=1400000000&RequestTime=1&Sign=${'a'.repeat(64)}`,
  '%&'.repeat(63),
  'Sigm&'.repeat(63),
  '%53igm=1&'.repeat(63),
  '%41%41%41%41%41%41=%41&'.repeat(63),
  '%E4%B8%AD=%&'.repeat(60),
];

it.each(handmade)('made by hand: %.30s', async (query) => {
  const [cost] = await costsOf([query]);
  expect(cost?.status).toBeGreaterThanOrEqual(400);
  expect(cost?.receiver).toBeGreaterThan(0);
  expect((cost as Cost).receiver / (cost as Cost).notFound).toBeLessThanOrEqual(MOST);
});

const piece = fc.constantFrom(
  ...[
    '%',
    '&',
    '=',
    '+',
    '%&',
    '%4',
    '%41',
    '%ff',
    '%E4%B8%AD',
    '[]',
    'a',
    'SdkAppid',
    'Sign',
    'sign=',
    '&Sign=',
    '%53ign',
  ],
);

it('of any shape', async () => {
  const queries = fc.sample(
    fc
      .tuple(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 8_000 }))
      .map(([pieces, times]) => pieces.join('').repeat(times).slice(0, LONGEST)),
    { numRuns: 200, seed: 20_261_124 },
  );
  const costs = await costsOf(queries);
  expect(costs).toHaveLength(queries.length);
  const dear = costs
    .map(({ notFound, receiver }, place) => ({
      ratio: receiver / notFound,
      query: queries[place]?.slice(0, 60),
    }))
    .filter(({ ratio }) => !(ratio <= MOST));
  expect(dear).toEqual([]);
});
