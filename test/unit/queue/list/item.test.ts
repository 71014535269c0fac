import { describe, expect, it } from 'vitest';
import { countsOf, jsonOf, nextItem } from '../../../../src/queue/list/item.js';
import { sampleEvent } from '../../../support/queue-events.js';

const event = sampleEvent('a', {}, 12);
const text = JSON.stringify(event);

describe('nextItem', () => {
  it('appends the counters to an item and changes nothing else', () => {
    const next = nextItem(text, jsonOf(text), event, { runs: 2, returns: 1 });
    expect(next).toBe(`${text.slice(0, -1)},"Runs":2,"Returns":1}`);
    expect(countsOf(next)).toEqual({ runs: 2, returns: 1 });
  });

  it('replaces earlier counters', () => {
    const once = nextItem(text, jsonOf(text), event, { runs: 1, returns: 0 });
    const twice = nextItem(once, jsonOf(once), event, { runs: 12, returns: 3 });
    expect(twice).toBe(`${text.slice(0, -1)},"Runs":12,"Returns":3}`);
  });

  it('gives an item of the Go package the id and the time of its event, and keeps what it does not know', () => {
    const go = '{"CallbackCommand":"x","Big":12345678901234567890, "Body":null,"Handler":{}} \n';
    const next = nextItem(go, jsonOf(go), event, { runs: 1, returns: 0 });
    expect(next).toBe(
      '{"CallbackCommand":"x","Big":12345678901234567890, "Body":null,"Handler":{},"Id":"a","ReceivedAt":12,"Runs":1,"Returns":0}',
    );
    const again = nextItem(next, jsonOf(next), event, { runs: 2, returns: 0 });
    expect(again.match(/"Id"/g)).toHaveLength(1);
  });

  it('does not take an empty id for one', () => {
    const item = '{"Id":""}';
    expect(jsonOf(nextItem(item, jsonOf(item), event, { runs: 1, returns: 0 }))).toMatchObject({ Id: 'a' });
  });
});

describe('countsOf', () => {
  it.each(['', 'x', '{}', text, '{"Runs":1,"Returns":1}', '{"a":1,"Runs":1,"Returns":1,"b":2}'])(
    'has none for %j',
    (item) => {
      expect(countsOf(item)).toEqual({ runs: 0, returns: 0 });
    },
  );
});

describe('jsonOf', () => {
  it('gives the value, or the text where it is no JSON', () => {
    expect(jsonOf('{"a":1}')).toEqual({ a: 1 });
    expect(jsonOf('no event')).toBe('no event');
  });
});
