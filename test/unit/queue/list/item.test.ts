import { describe, expect, it } from 'vitest';
import { jsonOf, nextItem, runsOf } from '../../../../src/queue/list/item.js';
import { sampleEvent } from '../../../support/queue-events.js';

const event = sampleEvent('a', {}, 12);
const text = JSON.stringify(event);

describe('nextItem', () => {
  it('appends the counter to an item and changes nothing else', () => {
    const next = nextItem(text, event, 2);
    expect(next).toBe(`${text.slice(0, -1)},"Runs":2}`);
    expect(runsOf(next)).toBe(2);
  });

  it('replaces an earlier counter', () => {
    expect(nextItem(nextItem(text, event, 1), event, 12)).toBe(`${text.slice(0, -1)},"Runs":12}`);
  });

  it('leaves an item as it is about which there is nothing new to say', () => {
    expect(nextItem(`${text} \n`, event, 0)).toBe(`${text} \n`);
    const once = nextItem(text, event, 1);
    expect(nextItem(once, event, 1)).toBe(once);
  });

  it('gives an item of the Go package the id and the time of its event, and keeps what it does not know', () => {
    const go = '{"CallbackCommand":"x","Big":12345678901234567890, "Body":null,"Handler":{}} \n';
    const next = nextItem(go, event, 0);
    expect(next).toBe(
      '{"CallbackCommand":"x","Big":12345678901234567890, "Body":null,"Handler":{},"Id":"a","ReceivedAt":12,"Runs":0}',
    );
    const again = nextItem(next, event, 2);
    expect(again.match(/"Id"/g)).toHaveLength(1);
    expect(runsOf(again)).toBe(2);
  });

  it('does not take an empty id for one', () => {
    expect(jsonOf(nextItem('{"Id":""}', event, 1))).toMatchObject({ Id: 'a' });
  });
});

describe('runsOf', () => {
  it.each(['', 'x', '{}', text, '{"Runs":1}', '{"a":1,"Runs":1,"b":2}'])('finds no counter in %j', (item) => {
    expect(runsOf(item)).toBe(0);
  });
});

describe('jsonOf', () => {
  it('gives the value, or the text where it is no JSON', () => {
    expect(jsonOf('{"a":1}')).toEqual({ a: 1 });
    expect(jsonOf('no event')).toBe('no event');
  });
});
