import { describe, expect, it } from 'vitest';
import { itemsOf } from '../../../src/protocol/items.js';
import { eventOf as sample } from '../../support/event-of.js';

describe('itemsOf', () => {
  it('gives each item of a list with its own time', () => {
    const first = { EventTime: 1739000950 };
    expect(itemsOf(sample({ body: { Events: [first, {}] } }))).toEqual([
      { item: first, time: new Date(1739000950_000) },
      { item: {}, time: undefined },
    ]);
    expect(itemsOf(sample({ body: { Events: [] } }))).toEqual([]);
  });

  it('gives any other body as the only item', () => {
    const body = { EventTime: 1739000950 };
    expect(itemsOf(sample({ body }))).toEqual([{ item: body, time: new Date(1739000950_000) }]);
  });
});
