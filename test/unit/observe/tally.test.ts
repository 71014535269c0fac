import { expect, it, vi } from 'vitest';
import { MAX_WAITING, Observations, Tally } from '../../../src/observe/tally.js';

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

it('keeps observations until there are many, or they are asked for', () => {
  const observe = vi.fn();
  const observations = new Observations({ observe });
  for (let value = 1; value < MAX_WAITING; value++) observations.add({ command: 'a' }, value);
  expect(observe).not.toHaveBeenCalled();
  observations.add({ command: 'b' }, 7);
  expect(observe).toHaveBeenCalledTimes(MAX_WAITING);
  observations.add({ command: 'c' }, 8);
  observations.flush();
  observations.flush();
  expect(observe.mock.calls.slice(-2)).toEqual([
    [{ command: 'b' }, 7],
    [{ command: 'c' }, 8],
  ]);
});
