import { expect, it, vi } from 'vitest';
import { Tally } from '../../../src/observe/tally.js';

it('counts by all of its labels, and hands over what is new', () => {
  const tally = new Tally(['command', 'outcome']);
  for (const labels of [
    ['a', 'x'],
    ['a', 'y'],
    ['b', 'x'],
    ['a', 'x'],
  ])
    tally.count(...labels);
  const inc = vi.fn();
  tally.moveTo({ inc });
  expect(inc.mock.calls).toEqual([
    [{ command: 'a', outcome: 'x' }, 2],
    [{ command: 'a', outcome: 'y' }, 1],
    [{ command: 'b', outcome: 'x' }, 1],
  ]);
  inc.mockClear();
  tally.count('b', 'x');
  tally.moveTo({ inc });
  expect(inc.mock.calls).toEqual([
    [{ command: 'a', outcome: 'x' }, 0],
    [{ command: 'a', outcome: 'y' }, 0],
    [{ command: 'b', outcome: 'x' }, 1],
  ]);
});
