/** The items of bodies that are lists. */

import { isRecord } from '../base/record.js';
import type { BodyOf, CallbackEvent } from './event.js';
import { dateFrom } from './values.js';

type ItemOf<Body> = Body extends { Events: readonly (infer Item)[] } ? Item : Body;

/** An item of an event, with its own time. */
export interface EventItem<Item> {
  readonly item: Item;
  readonly time: Date | undefined;
}

/** The items of a body that is a list (`{"Events":[…]}`), or the body itself as the only one. */
export function itemsOf<Name extends string>(event: CallbackEvent<Name>): EventItem<ItemOf<BodyOf<Name>>>[] {
  const events = event.extra('Events');
  const items: unknown[] = Array.isArray(events) ? events : [event.body];
  return items.map((item) => ({
    item: item as ItemOf<BodyOf<Name>>,
    time: Array.isArray(events) ? dateFrom(isRecord(item) ? item['EventTime'] : undefined) : event.time,
  }));
}
