import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { channels, isHeard, traced } from '../../../src/observe/channels.js';
import type { CallbackMessage } from '../../../src/observe/message.js';

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
const channel = tracingChannel<unknown, CallbackMessage>('qcloud-im-callback:run');
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** What is told on the channel from now on: the events, each with what the message says by then. */
function listen(): string[] {
  const told: string[] = [];
  for (const name of EVENTS) {
    const note = (message: unknown): void => {
      told.push(`${name} ${(message as CallbackMessage).outcome ?? '-'}`);
    };
    channel[name].subscribe(note);
    ends.push(() => channel[name].unsubscribe(note));
  }
  return told;
}

function setUp() {
  const message: CallbackMessage = {
    operation: 'run',
    known: true,
    trusted: true,
    startedAt: performance.now(),
  };
  const complete = {
    done: () => {
      message.outcome = 'done';
    },
    failed: () => {
      message.outcome = 'failed';
      message.errorCode = 'handler_failed';
    },
  };
  return { message, complete };
}

describe('the channels', () => {
  it('have the names that are documented', () => {
    for (const [operation, { start }] of Object.entries(channels)) {
      expect(start).toBe(tracingChannel(`qcloud-im-callback:${operation}`).start);
    }
  });

  it.each(EVENTS)('are heard by a listener of %s alone', (name) => {
    const note = (): void => undefined;
    expect(isHeard(channels.run)).toBe(false);
    channel[name].subscribe(note);
    expect(isHeard(channels.run)).toBe(true);
    channel[name].unsubscribe(note);
    expect(isHeard(channels.run)).toBe(false);
  });
});

describe('traced', () => {
  it('tells of work that gives its result at once, and hands the result on', () => {
    const told = listen();
    const { message, complete } = setUp();
    expect(traced(message, () => 7, complete)).toBe(7);
    expect(told).toEqual(['start -', 'end -', 'asyncStart done', 'asyncEnd done']);
    expect(message.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('tells of work that has to be waited for', async () => {
    const told = listen();
    const { message, complete } = setUp();
    const result = traced(message, async () => 7, complete);
    expect(told).toEqual(['start -', 'end -']);
    expect(await result).toBe(7);
    expect(told).toEqual(['start -', 'end -', 'asyncStart done', 'asyncEnd done']);
  });

  it('waits once for a query that runs whenever somebody waits for it', async () => {
    let runs = 0;
    const query: PromiseLike<number> = {
      // biome-ignore lint/suspicious/noThenProperty: the query builders of databases have one
      then: (resolve, reject) => {
        runs += 1;
        return Promise.resolve(7).then(resolve, reject);
      },
    };
    const { message, complete } = setUp();
    expect(await traced(message, () => query as Promise<number>, complete)).toBe(7);
    expect([runs, message.outcome]).toEqual([1, 'done']);
  });

  it('throws on what the work throws, and says so on the channel of errors where it is one', async () => {
    const told = listen();
    for (const work of [
      () => {
        throw new Error('no');
      },
      () => Promise.reject(new Error('no')),
    ]) {
      const { message, complete } = setUp();
      const failed = (): void => {
        complete.failed();
        (message as { error?: unknown }).error = new Error('no');
      };
      await expect((async () => traced(message, work, { ...complete, failed }))()).rejects.toThrow('no');
      const expected = ['start -', 'end -', 'error failed', 'asyncStart failed', 'asyncEnd failed'];
      expect(told.splice(0)).toEqual(expected);
    }
  });

  it('does the work within the stores of the channel, and within what a subscriber has left', () => {
    const bound = new AsyncLocalStorage<unknown>();
    const own = new AsyncLocalStorage<number>();
    channel.start.bindStore(bound, (message) => message.operation);
    const enter = (message: unknown): void => {
      (message as CallbackMessage).runIn = (work) => own.run(7, work);
    };
    channel.start.subscribe(enter);
    ends.push(
      () => channel.start.unbindStore(bound),
      () => channel.start.unsubscribe(enter),
    );
    const { message, complete } = setUp();
    expect(traced(message, () => [bound.getStore(), own.getStore()], complete)).toEqual(['run', 7]);
  });
});
