import { describe, expect, test } from 'vitest';
import { markdownTable, median, medianInterval, percentile, range, ratio } from '../bench/measure.js';

describe('the middle of figures', () => {
  test.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[10, 2, 4, 100], 7],
  ])('the median of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test('figures stay in the order in which they were taken', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test('of no figures there is no middle', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('the 99th percentile of 200 values leaves two above it', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(percentile(values, 0.99)).toBe(198);
  expect(percentile([1, 2, 3], 0.5)).toBe(2);
  expect(percentile([4], 0.99)).toBe(4);
});

test('a range goes from the lowest to the highest value', () => {
  expect(range([31.26, 9, 48.51], 1)).toBe('9.0–48.5');
});

describe('ratios', () => {
  test('a round in which the machine was slow changes nothing', () => {
    // The second round took ten times as long for both.
    expect(ratio([20, 200, 22], [40, 400, 40])).toBe(0.5);
  });

  test('both have to have run equally often', () => {
    expect(() => ratio([1, 2], [1])).toThrow(RangeError);
  });
});

describe('the interval of a median', () => {
  test.each<[count: number, interval: [number, number]]>([
    [1, [1, 1]],
    [5, [1, 5]],
    [6, [1, 6]],
    [7, [1, 7]],
    [9, [2, 8]],
    [15, [4, 12]],
    [20, [6, 15]],
  ])('of %i values leaves out what the table of the sign test says', (count, interval) => {
    const values = Array.from({ length: count }, (_, index) => count - index);
    expect(medianInterval(values)).toEqual(interval);
  });
});

test('a table lines up text on the left and figures on the right', () => {
  expect(
    markdownTable(
      ['server', 'µs'],
      [
        ['node', '9'],
        ['h', '1000'],
      ],
    ).split('\n'),
  ).toEqual(['| server |   µs |', '| ------ | ---: |', '| node   |    9 |', '| h      | 1000 |']);
});
