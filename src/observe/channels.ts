/** The channels on which every receiver of the process tells what it does. They cost nothing while nobody listens. */

import { channelOf } from '#platform';
import { isThenable } from '../base/thenable.js';
import type { CallbackMessage } from './message.js';

/** One event of a tracing channel. */
export interface SubChannel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
  subscribe(listener: (message: unknown, name: string | symbol) => void): void;
  unsubscribe(listener: (message: unknown, name: string | symbol) => void): unknown;
  /** Publishes a message, and calls a function within the stores that are bound to the channel. */
  runStores<T>(message: object, work: () => T): T;
}

/** A tracing channel. */
export type Channel = Readonly<Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', SubChannel>>;

/** The channels by operation: tracing channels of `node:diagnostics_channel`. */
export const channels: Readonly<Record<CallbackMessage['operation'], Channel>> = {
  receive: channelOf('qcloud-im-callback:receive'),
  handle: channelOf('qcloud-im-callback:handle'),
  enqueue: channelOf('qcloud-im-callback:enqueue'),
  run: channelOf('qcloud-im-callback:run'),
};

/** Whether anybody listens to a channel. */
export function isHeard({ start, end, asyncStart, asyncEnd, error }: Channel): boolean {
  return (
    asyncEnd.hasSubscribers ||
    start.hasSubscribers ||
    error.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers
  );
}

/** Tells a function of what happens on a channel; gives what ends that. Where there are no channels nothing is told. */
export function subscribe(
  operation: CallbackMessage['operation'],
  event: 'start' | 'asyncEnd',
  listener: (message: CallbackMessage) => void,
): () => void {
  const channel = channels[operation][event];
  // Only receivers publish here, of whichever copy of this package.
  const listening = (message: unknown): void => listener(message as CallbackMessage);
  channel.subscribe(listening);
  return () => {
    channel.unsubscribe(listening);
  };
}

/** How a message is filled in, with the result or with what was thrown, before anybody is told of the end. */
export interface Completion<T> {
  readonly done: (result: T) => void;
  /** Left out for work that never throws. */
  readonly failed?: (thrown: unknown) => void;
}

/**
 * Does work and tells of it: `start`; `end` when it has returned; then, once the result is there, `error` where there
 * is one, `asyncStart` and `asyncEnd`. These two come as well where nothing had to be waited for, so that a subscriber
 * of `asyncEnd` sees everything.
 */
export function traced<T>(
  message: CallbackMessage,
  work: () => T | Promise<T>,
  { done, failed }: Completion<T>,
): T | Promise<T> {
  const { start, end, asyncStart, asyncEnd, error } = channels[message.operation];
  const over = (complete: () => void): void => {
    message.durationMs = performance.now() - message.startedAt;
    complete();
    if (message.error !== undefined) error.publish(message);
    asyncStart.publish(message);
    asyncEnd.publish(message);
  };
  return start.runStores(message, () => {
    let result: T | Promise<T>;
    try {
      result = message.runIn === undefined ? work() : message.runIn(work);
    } catch (thrown) {
      end.publish(message);
      over(() => failed?.(thrown));
      throw thrown;
    }
    end.publish(message);
    if (!isThenable(result)) {
      const value = result;
      over(() => done(value));
      return value;
    }
    // One promise for both: a query that runs when `then` is called must not run twice.
    const promise = Promise.resolve(result);
    // Beside what the caller does with the promise, whose rejection stays his.
    promise.then(
      (value) => over(() => done(value)),
      (thrown: unknown) => over(() => failed?.(thrown)),
    );
    return promise;
  });
}
